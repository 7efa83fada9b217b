-- A reader's way into a study: home, consent, profile (which allots the readings), instructions, feedback, leaving.

create function study.reading_rows(somebody uuid) returns json
language sql stable set search_path = ''
begin atomic
    select coalesce(json_agg(json_build_object(
        'reading', r.reading, 'position', r.position, 'practice', r.practice, 'language', c.language, 'state', r.state, 'step', r.step,
        'steps', r.steps, 'attempt', r.attempt, 'begun_at', r.begun_at, 'locked_at', r.locked_at) order by r.practice desc, r.position),
            '[]')
    from study.readings r join study.cases c on c.study = r.study and c.key = r.case_key where r.member = somebody;
end;

create function desk.study_home(study uuid) returns json
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.membership(study, 'reader');
    s study.studies;
begin
    select t.* into strict s from study.studies t where t.study = study_home.study;
    return json_build_object(
        'study', json_build_object('slug', s.slug, 'title', s.title, 'state', s.state, 'languages', s.languages, 'synthetic', s.synthetic,
            'meta', s.meta),
        'protocol', s.protocol,
        'member', json_build_object('member', m.handle, 'pseudonym', m.pseudonym, 'state', m.state, 'languages', m.languages, 'profile',
            m.profile,
            'consent', m.consent, 'consented_at', m.consented_at, 'instructed_at', m.instructed_at, 'trial', m.trial),
        'texts', s.texts, 'readings', study.reading_rows(m.member), 'now', clock_timestamp());
end $$;
select study.publish('study_home', 'authenticated');

create function desk.consent(study uuid, decision text, version text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.membership(study, 'reader');
    arguments jsonb := jsonb_build_array(study, decision, version);
    reply jsonb := study.repeated(m.person, request_id, 'consent', arguments);
begin
    if reply is not null then return reply; end if;
    perform study.check_that(m.state not in ('withdrawn', 'excluded'), 'RS423', 'You have left this study.');
    perform study.check_that(decision in ('given', 'declined'), 'RS400', 'Consent is given or declined.');
    perform study.check_that(m.state in ('joined', 'declined', 'consented') and not (m.state = 'consented' and decision = 'declined'),
        'RS409',
        'Consent was given already; to stop taking part, leave the study.');
    update study.members t set state = case decision when 'given' then 'consented' else 'declined' end, consented_at = clock_timestamp(),
        consent = jsonb_build_object('decision', decision, 'version', version, 'at', clock_timestamp())
    where t.member = m.member and t.state <> 'consented';
    perform study.note(study, case decision when 'given' then 'consented' else 'declined' end,
        jsonb_build_object('member', m.handle, 'version', version), m.handle);
    return study.keep(m.person, request_id, 'consent', arguments, jsonb_build_object('state', decision));
end $$;
select study.publish('consent', 'authenticated');

-- Gives a member the first free row of a pool: one reading an entry, with its script, seed and option order.
create function study.allot(m study.members, pool text) returns integer
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    chosen study.allocations;
begin
    select a.* into chosen from study.allocations a where a.study = m.study and a.pool = allot.pool and a.member is null
    order by a.row limit 1 for update skip locked;
    perform study.check_that(chosen.row is not null, 'RS423',
        format('Every place for readers of %s is taken; ask your coordinator to add places.', pool));
    update study.allocations a set member = m.member where a.study = chosen.study and a.pool = chosen.pool and a.row = chosen.row;
    insert into study.readings (study, member, case_key, position, practice, arm, seed, script, option_order, steps, place, blanks)
    select m.study, m.member, c.key, row_number() over (partition by c.practice order by e.place), c.practice, e.entry ->> 'arm',
        (e.entry ->> 'seed')::bigint, e.entry ->> 'script', array(select jsonb_array_elements_text(e.entry -> 'options')::integer),
        jsonb_array_length(k.content -> 'steps'), c.position, c.position - 1 - lag(c.position, 1, 0) over (order by c.position)
    from jsonb_array_elements(chosen.plan) with ordinality as e(entry, place)
    join study.cases c on c.study = m.study and c.key = e.entry ->> 'case'
    join study.scripts k on k.study = m.study and k.hash = e.entry ->> 'script';
    return jsonb_array_length(chosen.plan);
end $$;

create function desk.save_profile(study uuid, profile jsonb, languages jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.membership(study, 'reader');
    arguments jsonb := jsonb_build_array(study, profile, languages);
    reply jsonb := study.repeated(m.person, request_id, 'save_profile', arguments);
    declared text[] := array(select jsonb_array_elements_text(languages));
    offered text[];
begin
    if reply is not null then return reply; end if;
    select s.languages into offered from study.studies s where s.study = m.study;
    perform study.check_that(m.state = 'consented', 'RS403', 'The profile comes after the consent.');
    perform study.check_that(length(profile::text) <= 4000, 'RS400', 'A profile has at most 4,000 characters.');
    perform study.check_that(cardinality(declared) > 0 and declared <@ offered, 'RS400',
        format('Choose at least one of the study''s languages: %s.', array_to_string(offered, ', ')));
    select t.* into m from study.members t where t.member = m.member for update;
    perform study.check_that(m.languages = '{}' or m.languages = declared, 'RS409',
        'Your cases are chosen by the languages you declared; they stay.');
    if m.languages = '{}' then
        perform study.check_that((select s.state = 'open' from study.studies s where s.study = m.study), 'RS423',
            'The study is not open; cases are given out once it is.');
        perform study.allot(m, array_to_string(declared, ','));
    end if;
    update study.members t set profile = save_profile.profile, languages = declared where t.member = m.member;
    perform study.note(m.study, 'profiled', jsonb_build_object('member', m.handle, 'languages', languages), m.handle);
    return study.keep(m.person, request_id, 'save_profile', arguments, jsonb_build_object('languages', languages));
end $$;
select study.publish('save_profile', 'authenticated');

-- The first time counts, and the same again changes nothing: the request id is not kept.
create function desk.instructed(study uuid, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare m study.members := study.membership(study, 'reader');
begin
    update study.members t set instructed_at = coalesce(t.instructed_at, clock_timestamp()) where t.member = m.member
        and t.state = 'consented';
    perform study.check_that(found, 'RS403', 'The instructions come after the consent.');
    return '{}'::jsonb;
end $$;
select study.publish('instructed', 'authenticated');

-- The answers that models locked for the same case: shown only where feedback is.
create function study.models_on(r study.readings) returns jsonb
language sql stable set search_path = ''
begin atomic
    select coalesce(jsonb_agg(jsonb_build_object('name', m.model, 'sample', m.sample, 'answers', study.answers(o),
        'options', study.labelled(o, k.content)) order by m.model, m.sample), '[]')
    from study.readings o join study.members m on m.member = o.member
    join study.scripts k on k.study = o.study and k.hash = o.script
    where o.study = r.study and o.case_key = r.case_key and m.kind = 'model' and o.state = 'completed';
end;

create function desk.feedback(reading uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings := study.own_reading(reading, false);
    mode text;
    synthetic boolean;
    truth study.truths;
begin
    select s.protocol ->> 'feedback', s.synthetic into mode, synthetic from study.studies s where s.study = r.study;
    perform study.check_that(r.state = 'completed' and (r.practice and mode in ('practice', 'after_reading') or synthetic
        and mode = 'after_reading'),
        'RS403', 'There is no feedback on this reading.');
    select t.* into strict truth from study.truths t where t.study = r.study and t.case_key = r.case_key;
    return jsonb_build_object('diagnosis', truth.diagnosis, 'own', study.answers(r), 'models', study.models_on(r), 'watermark',
        not r.practice,
        'options', (select coalesce(jsonb_agg(jsonb_build_object('label', chr(64 + o.place::integer), 'text',
            truth.options -> o.index ->> 'text',
            'right', o.index = truth.right_option, 'reason', truth.options -> o.index ->> 'reason',
            'ruled_out_by', truth.options -> o.index -> 'ruled_out_by') order by o.place), '[]')
            from unnest(r.option_order) with ordinality as o(index, place)));
end $$;
select study.publish('feedback', 'authenticated');
