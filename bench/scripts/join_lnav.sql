-- As an admin would ask lnav: it does not look whether the message was queued.
SELECT day, login, coalesce(tls, ''), count(*) FROM (
    SELECT day, login, max(version) OVER (PARTITION BY process, session) AS tls FROM (
        SELECT substr(log_time, 1, 10) AS day, log_procname || log_pid AS process,
            regexp_match('^\w+: client=[^,]+, sasl_method=\w+, sasl_username=(.*)$', log_body) AS login,
            regexp_match('^\w+ TLS connection established from \S+ (TLSv[\d.]+) ', log_body) AS version,
            sum(log_body LIKE 'connect from %') OVER (PARTITION BY log_procname || log_pid ORDER BY log_line) AS session
        FROM syslog_log WHERE log_procname LIKE '%/smtpd' AND (log_body LIKE 'connect from %'
            OR log_body LIKE '% TLS connection established from %' OR log_body LIKE '%: client=%sasl_username=%')))
WHERE login IS NOT NULL GROUP BY 1, 2, 3
