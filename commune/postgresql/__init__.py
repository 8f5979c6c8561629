"""Le PostgreSQL de Django, avec qui l'on échange plus vite. C'est l'``ENGINE`` de ``settings.DATABASES``."""
