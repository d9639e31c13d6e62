-- Spans of flatspan in DuckDB: what is current, without what was deleted or replaced.
--
--	duckdb -init /usr/share/flatspan/duckdb/flatspan.sql
--	SELECT model, count(*), sum(cost_total_usd) FROM spans('/var/lib/flatspan/default/2026-*.jsonl') GROUP BY ALL;
--
-- What flatspan export --hive wrote needs none of this, since each span stands there once:
--
--	SELECT date, count(*) FROM read_json_auto('/srv/lake/**/*.jsonl.gz', hive_partitioning = true, union_by_name = true) GROUP BY ALL;
--
-- The files may also be sealed days (.jsonl.zst). A span that an earlier day holds as well counts once only if both
-- days are among the files.
CREATE OR REPLACE MACRO span_versions(files) AS TABLE
SELECT *, filename.parse_path()[-2] AS workspace
FROM read_json(files, format = 'newline_delimited', filename = true, ignore_errors = true, columns = {
	op: 'VARCHAR', span_id: 'VARCHAR', trace_id: 'VARCHAR', parent_span_id: 'VARCHAR', session_id: 'VARCHAR',
	source: 'VARCHAR', kind: 'VARCHAR', status: 'VARCHAR', started_at: 'TIMESTAMP', ended_at: 'TIMESTAMP',
	ingested_at: 'TIMESTAMP', updated_at: 'TIMESTAMP', name: 'VARCHAR', project: 'VARCHAR', environment: 'VARCHAR',
	user_id: 'VARCHAR', provider: 'VARCHAR', model: 'VARCHAR', tool_name: 'VARCHAR', agent_name: 'VARCHAR',
	input_tokens: 'BIGINT', output_tokens: 'BIGINT', cached_tokens: 'BIGINT', total_tokens: 'BIGINT',
	cost_total_usd: 'DECIMAL(18,9)', ttft_ms: 'DOUBLE', tags: 'JSON', error_type: 'VARCHAR', error_message: 'VARCHAR',
	metadata: 'JSON', attributes: 'JSON', input: 'JSON', output: 'JSON'
})
WHERE filename NOT LIKE '%.notes.jsonl%';

CREATE OR REPLACE MACRO spans(files) AS TABLE
SELECT * EXCLUDE (op, filename)
FROM span_versions(files)
QUALIFY row_number() OVER (
	PARTITION BY workspace, source, trace_id, span_id
	ORDER BY coalesce(updated_at, ingested_at) DESC, ingested_at DESC) = 1
	AND op IS DISTINCT FROM 'delete';
