"""Le style et les scripts, compressés, sous un nom qui change avec leur contenu."""

from functools import cache

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Statiques(CompressedManifestStaticFilesStorage):
    """Une adresse ne change pas tant que le processus vit : chacune se calcule une fois, et non à chaque page."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.url = cache(self.url)
