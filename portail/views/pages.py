"""Les pages que la loi demande."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render


@login_not_required
def mentions(request):
    return render(request, "portail/mentions.html")


@login_not_required
def accessibilite(request):
    return render(request, "portail/accessibilite.html")
