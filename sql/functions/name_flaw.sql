-- Why this cannot be a name, or null: a name that shows as another one, or as nothing, would let somebody approve alone.
CREATE OR REPLACE FUNCTION capa.name_flaw(name_ text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN capa.name_key(name_) = '' THEN 'it is empty'
    WHEN length(name_) > 200 THEN 'it is longer than 200 characters'
    -- Control characters, and those that are not seen: soft hyphen, zero width, direction marks, fillers, tags.
    WHEN name_ ~ '[\u0001-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]'
      THEN 'it has characters that are not seen' END
$$;
