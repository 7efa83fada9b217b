-- Whether this database is still as the migrations left it, for the owner's `readerstudy doctor`: what the catalogue says of rights,
-- tables, roles, the bucket and its rules. Each function lists, in words, what is not as it should be; nothing where all is well.

-- Who may execute what, beyond what was stated or short of it, and functions of another form. Visitors' rights are judged outside,
-- by the list that the program has.
create function study.strayed_functions() returns setof text
language sql stable set search_path = ''
begin atomic
    with f as (
        select p.oid, n.nspname as schema, p.proname as name, p.proowner, p.prosecdef, p.proconfig,
               coalesce(p.proacl, acldefault('f', p.proowner)) as acl
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('api', 'desk', 'study')
    ), granted as (
        select f.*, coalesce(r.rolname::text, 'everybody') as grantee
        from f cross join aclexplode(f.acl) a left join pg_roles r on r.oid = a.grantee where a.grantee <> f.proowner
    )
    select format('%s may execute %s', g.grantee, g.oid::regprocedure) from granted g
    where case
        when g.schema = 'study' then true
        when g.grantee in ('anon', 'authenticated') then g.schema = 'desk' and g.name not in ('may_read_object', 'may_put_object')
            and not exists (select from f w where w.schema = 'api' and w.name = g.name)
        when g.grantee = 'authenticator' then g.schema <> 'desk' or g.name not in ('assume', 'keep_posts')
        else true end
    union all
    select format('%s may not execute %s', 'authenticated', f.oid::regprocedure) from f
    where (f.schema = 'api' or f.schema = 'desk' and exists (select from f w where w.schema = 'api' and w.name = f.name))
        and not exists (select from granted g where g.oid = f.oid and g.grantee = 'authenticated')
    union all
    select format('%s %s', f.oid::regprocedure, case when f.prosecdef is distinct from (f.schema = 'desk')
            then case when f.prosecdef then 'runs with its owner''s rights' else 'does not run with its owner''s rights' end
        when f.proconfig is distinct from array['search_path=""'] then 'does not run with an empty search_path'
        else format('belongs to %s', f.proowner::regrole) end)
    from f where f.prosecdef is distinct from (f.schema = 'desk') or f.proconfig is distinct from array['search_path=""']
        or f.proowner <> current_user::regrole
    order by 1;
end;

-- Tables that somebody may touch, whose row-level security is off or has rules, or whose triggers are off; anything but functions
-- where functions alone belong; and schemas that are open wider than to be used.
create function study.strayed_tables() returns setof text
language sql stable set search_path = ''
begin atomic
    with c as (
        select t.oid, n.nspname as schema, t.relkind, t.relrowsecurity, t.relowner, t.relacl
        from pg_class t join pg_namespace n on n.oid = t.relnamespace
        where n.nspname in ('api', 'desk', 'study') and t.relkind in ('r', 'v', 'm', 'p', 'f', 'S')
    )
    select format('%s lies where functions alone belong', c.oid::regclass) from c where c.schema <> 'study'
    union all
    select format('%s has no row-level security', c.oid::regclass) from c
    where c.schema = 'study' and c.relkind in ('r', 'p') and not c.relrowsecurity
    union all
    select format('%s may %s %s', coalesce(r.rolname::text, 'everybody'), lower(a.privilege_type), c.oid::regclass)
    from c cross join aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee where a.grantee <> c.relowner
    union all
    select format('%s may %s %s (%s)', coalesce(r.rolname::text, 'everybody'), lower(a.privilege_type), c.oid::regclass, t.attname)
    from c join pg_attribute t on t.attrelid = c.oid cross join aclexplode(t.attacl) a left join pg_roles r on r.oid = a.grantee
    where a.grantee <> c.relowner
    union all
    select format('%s belongs to %s', c.oid::regclass, c.relowner::regrole) from c where c.relowner <> current_user::regrole
    union all
    select format('%s has the rule %s', c.oid::regclass, p.polname) from c join pg_policy p on p.polrelid = c.oid
    union all
    select format('the trigger %s of %s is off', t.tgname, c.oid::regclass) from c join pg_trigger t on t.tgrelid = c.oid
    where t.tgenabled in ('D', 'R')
    union all
    select format('%s may %s the schema %s', coalesce(r.rolname::text, 'everybody'),
        case a.privilege_type when 'USAGE' then 'use' else 'create in' end, n.nspname)
    from pg_namespace n cross join aclexplode(n.nspacl) a left join pg_roles r on r.oid = a.grantee
    where n.nspname in ('api', 'desk', 'study') and a.grantee <> n.nspowner and (a.privilege_type <> 'USAGE' or n.nspname = 'study'
        or coalesce(r.rolname, '') not in ('anon', 'authenticated', 'authenticator'))
    order by 1;
end;

-- Roles that are more than they should be, and what later migrations would grant by themselves.
create function study.strayed_roles() returns setof text
language sql stable set search_path = ''
begin atomic
    select format('%s %s', r.rolname, case when r.rolsuper then 'is a superuser' else 'passes by row-level security' end)
    from pg_roles r where r.rolname in ('anon', 'authenticated', 'authenticator') and (r.rolsuper or r.rolbypassrls)
    union all
    select format('%s is a member of %s', m.member::regrole, m.roleid::regrole) from pg_auth_members m
    where m.member in (select r.oid from pg_roles r where r.rolname in ('anon', 'authenticated'))
    union all
    select 'a new function can be executed by everybody' where not exists (select from pg_default_acl d
        where d.defaclrole = current_user::regrole and d.defaclnamespace = 0 and d.defaclobjtype = 'f'
        and not exists (select from aclexplode(d.defaclacl) a where a.grantee = 0))
    union all
    select format('what is new in %s is granted to %s', coalesce(n.nspname::text, 'any schema'), coalesce(r.rolname::text, 'everybody'))
    from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace cross join aclexplode(d.defaclacl) a
    left join pg_roles r on r.oid = a.grantee
    where d.defaclrole = current_user::regrole and coalesce(n.nspname, 'api') in ('api', 'desk', 'study')
        and coalesce(r.rolname, 'anon') in ('anon', 'authenticated', 'service_role', 'authenticator')
        and not (d.defaclnamespace = 0 and a.grantee = 0)  -- told above where it is about functions
    order by 1;
end;

-- The bucket, and the rules over its rows: ours and no other, since of several rules one that says yes is enough. It is plpgsql so
-- that it is no dependant of Supabase's own tables, whose owner may change them.
create function study.strayed_bucket() returns setof text
language plpgsql stable set search_path = ''
as $$
declare
    objects regclass := 'storage.objects';
    buckets regclass := 'storage.buckets';
    signed_in oid := (select r.oid from pg_roles r where r.rolname = 'authenticated');
begin
    return query
    with rule as (
        select p.polname as name, p.polrelid as relation, p.polpermissive and p.polroles = array[signed_in] as ours,
               p.polcmd as command, concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as asks
        from pg_policy p where p.polrelid in (objects, buckets)
    ), wanted (name, command, function) as (
        values ('readerstudy_read', 'r', 'desk.may_read_object('), ('readerstudy_put', 'a', 'desk.may_put_object(')
    )
    select 'there is no bucket named evidence' where not exists (select from storage.buckets b where b.id = 'evidence')
    union all
    select 'the bucket evidence is public' from storage.buckets b where b.id = 'evidence' and b.public is distinct from false
    union all
    select 'the bucket evidence takes larger files, or other kinds, than it was made for' from storage.buckets b
    where b.id = 'evidence' and (b.file_size_limit is distinct from 52428800
        or b.allowed_mime_types is distinct from array['image/png', 'image/jpeg', 'image/webp', 'image/gif'])
    union all
    select format('%s has no row-level security', c.oid::regclass) from pg_class c
    where c.oid in (objects, buckets) and not c.relrowsecurity
    union all
    select format('%s has a rule that is not ours: %s', r.relation::regclass, r.name) from rule r
    where r.relation <> objects or r.name not in (select w.name from wanted w)
    union all
    select format('the rule %s on storage.objects is missing or not as it was made', w.name) from wanted w
    where not exists (select from rule r where r.name = w.name and r.relation = objects and r.ours
        and r.command = w.command::"char" and strpos(r.asks, '(bucket_id = ''evidence''::text)') > 0
        and strpos(r.asks, w.function) > 0 and r.asks !~* '\mor\M')
    order by 1;
end $$;

-- Functions whose reply the data API would cut at so many rows, and say nothing.
create function study.strayed_replies() returns setof text
language sql stable set search_path = ''
begin atomic
    select format('%s returns rows, not one value', p.oid::regprocedure) from pg_proc p
    where p.pronamespace = 'api'::regnamespace and p.proretset order by 1;
end;

-- What the owner may know of this database's state: what strayed, and what the program compares with its own lists.
create function desk.examine() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    recorded jsonb;
begin
    perform study.check_that(exists (select from study.people p where p.person = somebody and p.owner), 'RS403',
        'Only the owner of this project, or of this data folder, may examine it.');
    if to_regclass('supabase_migrations.schema_migrations') is not null then
        execute 'select coalesce(jsonb_agg(version order by version), ''[]'') from supabase_migrations.schema_migrations' into recorded;
    end if;
    return jsonb_build_object(
        'home', case when study.in_the_box() then 'box' else 'supabase' end,
        'functions', coalesce((select jsonb_agg(w) from study.strayed_functions() w), '[]'),
        'tables', coalesce((select jsonb_agg(w) from study.strayed_tables() w), '[]'),
        'roles', coalesce((select jsonb_agg(w) from study.strayed_roles() w), '[]'),
        'bucket', coalesce((select jsonb_agg(w) from study.strayed_bucket() w), '[]'),
        'replies', coalesce((select jsonb_agg(w) from study.strayed_replies() w), '[]'),
        'open', coalesce((select jsonb_agg(n.nspname || '.' || p.proname order by p.proname, n.nspname) from pg_proc p
            join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('api', 'desk')
            and has_function_privilege('anon', p.oid, 'execute')), '[]'),
        'migrations', recorded,
        'time_zone', current_setting('TimeZone'),
        'limit_ms', (select s.setting::integer from pg_settings s where s.name = 'statement_timeout'),
        'visitors_limit', (select split_part(c, '=', 2) from pg_roles r cross join unnest(r.rolconfig) as c
            where r.rolname = 'anon' and c like 'statement\_timeout=%'));
end $$;
select study.publish('examine', 'authenticated');
