-- A study that moves takes its random texts and its models' calls along; leases stay, for no worker is held by them elsewhere.
create or replace function study.carried_tables() returns table (place integer, part text, belongs text, hidden text[])
language sql immutable set search_path = ''
begin atomic
    select * from (values
        (1, 'studies', 't.study = $1', '{moved_to,moved_as}'::text[]),
        (2, 'cases', 't.study = $1', '{}'),
        (3, 'evidence', 't.study = $1', '{}'),
        (4, 'truths', 't.study = $1', '{}'),
        (5, 'media', 't.study = $1', '{}'),
        (6, 'scripts', 't.study = $1', '{}'),
        (7, 'members', 't.study = $1', '{person}'),
        (8, 'identities', 't.member in (select m.member from study.members m where m.study = $1)', '{}'),
        (9, 'invitations', 't.member in (select m.member from study.members m where m.study = $1)', '{}'),
        (10, 'allocations', 't.study = $1', '{}'),
        (11, 'readings', 't.study = $1', '{sign,visit}'),
        (12, 'events', 't.reading in (select r.reading from study.readings r where r.study = $1)', '{}'),
        (13, 'event_payloads', 't.reading in (select r.reading from study.readings r where r.study = $1)', '{}'),
        (14, 'study_events', 't.study = $1', '{}'),
        (15, 'drafts', 't.reading in (select r.reading from study.readings r where r.study = $1)', '{}'),
        (16, 'telemetry', 't.reading in (select r.reading from study.readings r where r.study = $1)', '{}'),
        (17, 'grades', 't.study = $1', '{}'),
        (18, 'random_texts', 't.study = $1', '{}'),
        (19, 'calls', 't.study = $1', '{}'),
        (20, 'call_results', 't.call in (select c.call from study.calls c where c.study = $1)', '{}')) as v(place, part, belongs, hidden);
end;
