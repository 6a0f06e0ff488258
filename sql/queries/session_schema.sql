-- Which version of the register this database has: what `capad migrate` stored.
SELECT api.schema_fingerprint();
