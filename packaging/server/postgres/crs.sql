-- The server's own user, which owns one database and nothing else; run once, by the superuser, when PostgreSQL is new.
-- The superuser has no password afterwards: it comes in on the container's own socket only.
\set password `cat /run/secrets/postgres_password`
CREATE ROLE crs LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'password';
CREATE DATABASE crs OWNER crs;
REVOKE ALL ON DATABASE crs FROM PUBLIC;
ALTER ROLE CURRENT_USER PASSWORD NULL;
