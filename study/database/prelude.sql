-- What Supabase brings with it and a plain Postgres lacks. Run once, by the superuser, on a new database; never pushed.

create role postgres login createrole nosuperuser noreplication nobypassrls;
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
create role supabase_auth_admin nologin noinherit;
create role supabase_storage_admin nologin noinherit;
grant anon, authenticated, service_role to authenticator;

do $$ begin execute format('grant create, connect on database %I to postgres', current_database()); end $$;
revoke create on schema public from public;

create schema auth authorization supabase_auth_admin;
grant usage on schema auth to postgres, anon, authenticated, service_role;
set role supabase_auth_admin;

create table auth.users (
    id uuid primary key,
    email text unique,
    created_at timestamptz not null default now()
);

create function auth.jwt() returns jsonb
language sql stable
begin atomic
    -- After a transaction a custom setting reads as '', hence nullif.
    select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb;
end;

create function auth.uid() returns uuid
language sql stable
begin atomic
    select (coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb ->> 'sub')::uuid;
end;

create function auth.role() returns text
language sql stable
begin atomic
    select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb ->> 'role';
end;

reset role;

create schema storage authorization supabase_storage_admin;
grant usage on schema storage to postgres, anon, authenticated, service_role;
set role supabase_storage_admin;

create table storage.buckets (
    id text primary key,
    name text not null unique,
    public boolean not null default false
);

create table storage.objects (
    id uuid primary key default gen_random_uuid(),
    bucket_id text references storage.buckets (id),
    name text,
    owner uuid,
    created_at timestamptz not null default now(),
    unique (bucket_id, name)
);
alter table storage.objects enable row level security;

reset role;

create schema supabase_migrations authorization postgres;
create table supabase_migrations.schema_migrations (
    version text primary key,
    name text,
    statements text[]
);
alter table supabase_migrations.schema_migrations owner to postgres;
