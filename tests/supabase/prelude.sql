-- What the database of a Supabase project has before its first migration, as far as readerstudy can meet it. Auth makes
-- its own tables when it starts, as it does there.

create role postgres login createdb createrole nosuperuser replication bypassrls;
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
create role supabase_auth_admin login createrole noinherit;
create role supabase_storage_admin login createrole noinherit;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres;
grant authenticator to supabase_storage_admin;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role supabase_auth_admin set search_path = 'auth';
alter role supabase_storage_admin set search_path = 'storage';

grant all on database postgres to postgres;
revoke create on schema public from public;
grant usage, create on schema public to postgres;
grant usage on schema public to anon, authenticated, service_role;

create schema auth authorization supabase_auth_admin;
grant all on schema auth to postgres;
grant usage on schema auth to anon, authenticated, service_role;
alter default privileges for role supabase_auth_admin in schema auth grant all on tables to postgres;

create schema storage authorization supabase_storage_admin;
grant all on schema storage to postgres;
grant usage on schema storage to anon, authenticated, service_role;
-- There an extension lets `postgres` write policies on storage's tables; here it takes their owner's rights.
grant supabase_storage_admin to postgres with inherit true;
set role supabase_storage_admin;

create table storage.buckets (
    id text primary key,
    name text not null unique,
    owner uuid,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    public boolean default false,
    avif_autodetection boolean default false,
    file_size_limit bigint,
    allowed_mime_types text[],
    owner_id text
);

create table storage.objects (
    id uuid primary key default gen_random_uuid(),
    bucket_id text references storage.buckets (id),
    name text,
    owner uuid,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    last_accessed_at timestamptz default now(),
    metadata jsonb,
    path_tokens text[] generated always as (string_to_array(name, '/')) stored,
    version text,
    owner_id text,
    user_metadata jsonb
);
create unique index bucketid_objname on storage.objects (bucket_id, name);

alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role, postgres;

create function storage.filename(name text) returns text
language sql immutable
as $$ select (string_to_array(name, '/'))[cardinality(string_to_array(name, '/'))] $$;

create function storage.foldername(name text) returns text[]
language sql immutable
as $$ select (string_to_array(name, '/'))[1:cardinality(string_to_array(name, '/')) - 1] $$;

create function storage.extension(name text) returns text
language sql immutable
as $$ select split_part(storage.filename(name), '.', cardinality(string_to_array(storage.filename(name), '.'))) $$;

-- Rows without their files, or files without rows, are not to be made by SQL: only Storage itself deletes.
create function storage.protect_delete() returns trigger
language plpgsql
as $$
begin
    if coalesce(current_setting('storage.allow_delete_query', true), '') <> 'true' then
        raise exception using errcode = '42501',
            message = 'Direct deletion from storage tables is not allowed. Use the Storage API instead.';
    end if;
    return null;
end $$;
create trigger protect_buckets_delete before delete on storage.buckets
    for each statement execute function storage.protect_delete();
create trigger protect_objects_delete before delete on storage.objects
    for each statement execute function storage.protect_delete();

create function storage.operation() returns text
language sql stable
as $$ select nullif(current_setting('storage.operation', true), '') $$;

reset role;

create schema supabase_migrations authorization postgres;
create table supabase_migrations.schema_migrations (
    version text primary key,
    name text,
    statements text[]
);
alter table supabase_migrations.schema_migrations owner to postgres;
