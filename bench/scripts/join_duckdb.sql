-- Accepted messages by day, login and TLS version, from a log with RFC 3339 stamps; $path is the log.
WITH line AS (
    SELECT row_number() OVER () AS place, substr(l, 1, 10) AS day,
        split_part(l, ' ', 2) || split_part(l, ' ', 3) AS process, regexp_replace(l, '^\S+ \S+ \S+ ', '') AS said
    FROM read_csv($path, columns = {'l': 'VARCHAR'}, delim = '\x01', quote = '', escape = '', header = false,
        parallel = false)
    WHERE contains(l, 'connect from ') OR contains(l, ' TLS connection established from ')
        OR contains(l, ': client=') OR contains(l, ': from=<')),
part AS (
    SELECT *, regexp_extract(said, '^(\w+): client=', 1) AS opened, regexp_extract(said, '^(\w+): from=<', 1) AS queued,
        regexp_extract(said, '^\w+: client=[^,]+, sasl_method=\w+, sasl_username=(.*)$', 1) AS login,
        regexp_extract(said, '^\w+ TLS connection established from \S+ (\S+) ', 1) AS version,
        sum((said LIKE 'connect from %')::INT) OVER (PARTITION BY process ORDER BY place) AS session
    FROM line),
joined AS (
    SELECT *, max(version) OVER (PARTITION BY process, session) AS tls,
        lead(queued) OVER (PARTITION BY CASE WHEN opened != '' THEN opened ELSE queued END ORDER BY place) AS next
    FROM part)
SELECT day, login, tls, count(*) FROM joined WHERE login != '' AND next = opened GROUP BY ALL
