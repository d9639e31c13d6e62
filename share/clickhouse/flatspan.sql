-- Spans of flatspan in ClickHouse: a table that takes the lines as they are, of which the newest version is read.
--
--	clickhouse-client --multiquery </usr/share/flatspan/clickhouse/flatspan.sql
--	cat /var/lib/flatspan/default/2026-??-??.jsonl | clickhouse-client --input_format_skip_unknown_fields=1 \
--		--query "INSERT INTO span_lines FORMAT JSONEachRow"
--	clickhouse-client --query "SELECT model, count() FROM spans GROUP BY model"
CREATE TABLE IF NOT EXISTS span_lines (
	span_id String,
	trace_id String,
	parent_span_id String,
	session_id String,
	source String,
	kind String,
	status String,
	started_at String,
	ended_at String,
	ingested_at String,
	updated_at String,
	op String,
	name String,
	project String,
	provider String,
	model String,
	tool_name String,
	agent_name String,
	input_tokens UInt64,
	output_tokens UInt64,
	total_tokens UInt64,
	cost_total_usd Float64,
	error_type String,
	error_message String
) ENGINE = MergeTree ORDER BY (trace_id, span_id);

-- A time without its Z sorts as text, however many digits it has.
CREATE VIEW IF NOT EXISTS spans AS
SELECT *
FROM (
	SELECT *
	FROM span_lines
	ORDER BY replaceOne(if(updated_at = '', ingested_at, updated_at), 'Z', '') DESC, replaceOne(ingested_at, 'Z', '') DESC
	LIMIT 1 BY source, trace_id, span_id
)
WHERE op != 'delete';
