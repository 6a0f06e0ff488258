-- $1 seq up to which all is on the bus, or null -> {"epoch","heads","journal":{"seq","hash"},"rules","policy"}
SELECT api.heads($1::bigint);
