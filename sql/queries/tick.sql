-- Everything whose time has come -> {"next_ms","more"}
SELECT api.tick();
