-- $1 publisher's name, $2 seq up to which all was sent -> its place
SELECT api.published($1::text, $2::bigint);
