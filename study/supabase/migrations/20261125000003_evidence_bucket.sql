-- Evidence images on Supabase: a private bucket, an object a study and SHA-256, and rules that ask the record itself.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('evidence', 'evidence', false, 52428800, array['image/png', 'image/jpeg', 'image/webp', 'image/gif'])
on conflict (id) do update set public = false, file_size_limit = excluded.file_size_limit,
    allowed_mime_types = excluded.allowed_mime_types;

-- The study that an object's name gives; null for a name that is not `<study>/<sha256>`.
create function study.of_object(name text) returns uuid
language sql immutable set search_path = ''
begin atomic
    select case when name ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{64}$' then split_part(name, '/', 1)::uuid end;
end;

-- Whether a reading has shown an image by now: the question that `evidence_image` asks of one reading.
create function study.has_shown(r study.readings, sha256 text) returns boolean
language sql stable set search_path = ''
begin atomic
    select r.state <> 'paused' and exists (
        select from study.released(r) x
        join study.evidence e on e.study = r.study and e.case_key = r.case_key and e.id = x.id
        where x.form = 'image' and e.block -> 'images' @> jsonb_build_array(jsonb_build_object('sha256', has_shown.sha256)));
end;

-- Whether the caller may read an object: a reader what one of their readings has shown, a runner what a model's reading has shown,
-- a coordinator what was put into their own study. Anything else, and whoever has no session, gets no.
create function desk.may_read_object(name text) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := (study.live_session()).person;
    named uuid := study.of_object(name);
    sha256 text := split_part(name, '/', 2);
begin
    if somebody is null or named is null then return false; end if;
    return exists (select from study.members c where c.study = named and c.person = somebody and c.role = 'coordinator')
        or exists (
            select from study.members m join study.readings r on r.member = m.member
            where m.study = named and m.role = 'reader' and m.state not in ('withdrawn', 'excluded')
            and (m.person = somebody or m.kind = 'model' and exists (select from study.members n
                where n.study = named and n.person = somebody and n.role = 'runner'))
            and r.step >= 0 and r.case_key in (select e.case_key from study.evidence e
                where e.study = named and e.block -> 'images' @> jsonb_build_array(jsonb_build_object('sha256', sha256)))
            and study.has_shown(r, sha256));
end $$;

-- Whether the caller may put an object: a coordinator, into a study that is still a draft.
create function desk.may_put_object(name text) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := (study.live_session()).person;
begin
    return somebody is not null and exists (
        select from study.members c join study.studies s on s.study = c.study
        where s.study = study.of_object(name) and s.state = 'draft' and c.person = somebody and c.role = 'coordinator');
end $$;

revoke all on function desk.may_read_object(text), desk.may_put_object(text) from public, anon, authenticated, service_role;
grant execute on function desk.may_read_object(text), desk.may_put_object(text) to authenticated;

-- No rule lets anybody change or remove an object: its name is what its bytes hash to.
create policy readerstudy_read on storage.objects for select to authenticated
    using (bucket_id = 'evidence' and (select desk.may_read_object(name)));
create policy readerstudy_put on storage.objects for insert to authenticated
    with check (bucket_id = 'evidence' and (select desk.may_put_object(name)));

-- The images of a study that its bucket lacks; always none in the box, whose images lie in a folder.
create function study.missing_objects(study uuid) returns jsonb
language sql stable set search_path = ''
begin atomic
    select coalesce(jsonb_agg(d.sha256 order by d.sha256), '[]') from study.media d
    where d.study = missing_objects.study and not study.in_the_box() and not exists (
        select from storage.objects o where o.bucket_id = 'evidence' and o.name = d.study || '/' || d.sha256);
end;

-- Says whether this reader has been shown this image; not shown, unknown and foreign are one and the same refusal.
create or replace function desk.evidence_image(reading uuid, sha256 text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings;
    found_image jsonb;
begin
    perform study.caller();
    select t.* into r from study.readings t where t.reading = evidence_image.reading;
    if r.reading is not null and r.state <> 'paused' then
        r := study.own_reading(reading, false);
        select jsonb_build_object('study', m.study, 'mime', m.mime, 'bytes', m.bytes) into found_image
        from study.media m where m.study = r.study and m.sha256 = evidence_image.sha256 and study.has_shown(r, m.sha256);
    end if;
    perform study.check_that(found_image is not null, 'RS404', 'There is no such reading for you.');
    return found_image;
end $$;

-- Opens a study once everything that it shows is there.
create or replace function desk.open_study(study uuid, warnings jsonb, reasons jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, warnings, reasons);
    reply jsonb := study.repeated(somebody, request_id, 'open_study', arguments);
    s study.studies;
    missing text;
begin
    if reply is not null then
        perform study.membership(study, 'coordinator');
        return reply;
    end if;
    s := study.coordinated(study, 'draft');
    perform study.check_that(s.protocol is not null, 'RS400', 'The study has no protocol; set one before opening.');
    perform study.check_that(exists (select from study.cases c where c.study = s.study and not c.practice), 'RS400',
        'The study has no cases beyond practice; add cases before opening.');
    perform study.check_that(exists (select from study.allocations a where a.study = s.study), 'RS400',
        'Nobody is allocated any case; add an allocation before opening.');
    perform study.check_that(jsonb_array_length(study.missing_objects(s.study)) = 0, 'RS409',
        format('%s of the study''s images are not in the bucket; set the study up again, which goes on where it broke.',
               jsonb_array_length(study.missing_objects(s.study))));
    select string_agg(kind, ', ') into missing from jsonb_object_keys(warnings) as kind where coalesce(reasons ->> kind, '') = '';
    perform study.check_that(missing is null, 'RS400', format('The bundle has warnings of kind %s; give a reason for each kind.', missing));
    missing := study.undeclared(s);
    perform study.check_that(missing is null, 'RS400',
        format('A study of real cases does not open without these fields of study.yaml: %s.', missing));
    update study.studies t set state = 'open', opened_at = clock_timestamp(), frozen_hash = study.frozen(s.study),
        warnings = open_study.warnings, reasons = open_study.reasons where t.study = s.study;
    perform study.note(s.study, 'opened', jsonb_build_object('frozen', study.frozen(s.study), 'warnings', warnings, 'reasons', reasons,
        'heads', study.heads(s.study)));
    return study.keep(somebody, request_id, 'open_study', arguments, jsonb_build_object('state', 'open', 'frozen', study.frozen(s.study)));
end $$;
