-- More of what Supabase brings with it: confirmed addresses, and its `postgres`, which may put rules on the bucket's rows.
-- That this database is a box's own, and not Supabase's, shows in the one function that nobody can make there.

set role supabase_auth_admin;
alter table auth.users add column email_confirmed_at timestamptz;
grant select on auth.users to postgres;
create function auth.in_the_box() returns boolean
language sql immutable
begin atomic
    select true;
end;
reset role;

grant supabase_storage_admin to postgres;
set role supabase_storage_admin;
alter table storage.buckets add column file_size_limit bigint, add column allowed_mime_types text[];
alter table storage.buckets enable row level security;
alter table storage.objects add column metadata jsonb, add column owner_id text, add column updated_at timestamptz;
grant select, insert, update, delete on storage.buckets, storage.objects to anon, authenticated, service_role;
reset role;
