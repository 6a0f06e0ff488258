-- 0: a new file
SELECT user_version FROM pragma_user_version
