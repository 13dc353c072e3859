delete from main.{{table}}
where {{key}} in (select +u.key from temp.muster_undo u where u.act = 'deleted'{{one}})
