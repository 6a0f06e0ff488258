-- What each session runs under. $1 statement timeout, $2 read-only (on, off), $3 lock timeout.
-- No JIT: the statements are short, compiling them takes longer than running them.
SELECT set_config('statement_timeout', $1, false), set_config('default_transaction_read_only', $2, false),
       set_config('lock_timeout', $3, false), set_config('jit', 'off', false),
       set_config('timezone', 'UTC', false), set_config('client_encoding', 'UTF8', false);
