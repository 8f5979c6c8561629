"""Les pages de la famille : ajouter quelqu'un, la page d'un enfant, celle d'un adulte, l'entourage."""
