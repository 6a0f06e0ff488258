-- From here on as the owner of everything in capa and api.
SET ROLE capa_owner;
SET search_path = capa, api, public;
SET check_function_bodies = off;
SET client_min_messages = warning;
