-- What whoever runs models, or gives out their places, must know of the cases before any is read: their structure and sizes. No content.
create function study.outline(c study.cases) returns jsonb
language sql stable set search_path = ''
begin atomic
    select jsonb_build_object('key', c.key, 'hash', c.hash, 'language', c.language, 'practice', c.practice, 'translation_of', c.translation_of,
        'options', (select jsonb_build_object('n', jsonb_array_length(t.options), 'bytes', octet_length(t.options::text))
            from study.truths t where t.study = c.study and t.case_key = c.key),
        'evidence', (select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'type', e.block -> 'type',
            'text', octet_length(e.block ->> 'text'), 'finding', octet_length(e.block ->> 'finding'),
            'images', coalesce((select jsonb_agg(jsonb_build_array(i -> 'width', i -> 'height')) from jsonb_array_elements(
                case jsonb_typeof(e.block -> 'images') when 'array' then e.block -> 'images' else '[]' end) as i), '[]')) order by e.position), '[]')
            from study.evidence e where e.study = c.study and e.case_key = c.key));
end;

create function desk.case_outlines(study uuid, after text default null) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.membership(study, 'runner', 'coordinator');
begin
    return (select study.chunk(array_agg(x.key order by x.key), array_agg(x.item order by x.key), 200) from (
        select c.key, study.outline(c) as item from study.cases c
        where c.study = m.study and (after is null or c.key > after) order by c.key limit 200) x);
end $$;
select study.publish('case_outlines', 'authenticated');
