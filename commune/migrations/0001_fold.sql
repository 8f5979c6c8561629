-- Minuscules sans accents, sans l'extension unaccent : décomposer, retirer les accents, traduire les lettres que
-- la décomposition laisse entières, mettre en minuscules. Accents retirés d'abord : sous une locale « C », lower()
-- ne connaît pas les capitales accentuées. Mêmes opérations, même ordre que commune.regles.replier.
CREATE OR REPLACE FUNCTION fold(texte text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(translate(
    replace(replace(replace(replace(replace(replace(
        regexp_replace(normalize(texte, NFD), '[\u0300-\u036f]', '', 'g'),
        'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss'), 'ẞ', 'ss'),
    'øØłŁđĐðÐıħĦ', 'oollddddihh'
));
