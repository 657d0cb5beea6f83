"""One normal form of French text for searches, the same as `cpo.lib.wording.accents.plain` gives."""

from django.db import migrations

# No-break spaces, quotation marks → space; apostrophes → '; dashes → -. Then œ, æ, ß and accents by unaccent.
CREATE = """
CREATE FUNCTION f_plain(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN btrim(regexp_replace(
    f_unaccent(lower(translate(
        $1,
        U&'\\00A0\\202F\\2009\\00AB\\00BB\\201C\\201D\\201E"\\2019\\2018\\02BC\\2010\\2011\\2012\\2013\\2014\\2212',
        '         ''''''------'
    ))),
    '\\s+', ' ', 'g'))
"""


class Migration(migrations.Migration):
    dependencies = [("lib", "0006_register")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION f_plain(text)")]
