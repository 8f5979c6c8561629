"""Ce que mesure ``manage.py bench`` : deux villes, et de quoi les chronométrer."""
