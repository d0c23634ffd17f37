BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE alerts (
	id TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	service TEXT NOT NULL, 
	account TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	message TEXT NOT NULL, 
	metric TEXT NOT NULL, 
	threshold FLOAT NOT NULL, 
	value FLOAT NOT NULL, 
	opened_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	because TEXT NOT NULL, 
	acknowledged_by TEXT NOT NULL, 
	acknowledged_at BIGINT, 
	resolved_by TEXT NOT NULL, 
	resolved_at BIGINT, 
	snoozed_until BIGINT, 
	note TEXT NOT NULL, 
	reopened INTEGER NOT NULL, 
	sandbox BOOLEAN NOT NULL, 
	CONSTRAINT pk_alerts PRIMARY KEY (id)
);
INSERT INTO "alerts" VALUES('alr_1','availability:trello',1,'firing','high','trello','','availability','Trello does not answer','availability',1.0,0.1,1795435200000000,1795435200000000,'3 probes in a row failed','',NULL,'',NULL,NULL,'',0,0);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	actor_name TEXT NOT NULL, 
	verb TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	"where" TEXT NOT NULL, 
	seen INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,1795435200000000,'slack:U1','Zoë','confirm','prv_1','',0,'done','','568e009463e43cabb482082a2e8e209b05b45107df327eeeda0c566992949fde');
CREATE TABLE dialogues (
	"key" TEXT NOT NULL, 
	state TEXT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	CONSTRAINT pk_dialogues PRIMARY KEY ("key")
);
CREATE TABLE drafts (
	id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	command TEXT NOT NULL, 
	arguments TEXT NOT NULL, 
	definition TEXT, 
	asked_by TEXT NOT NULL, 
	asked_by_name TEXT NOT NULL, 
	asked_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	"where" TEXT NOT NULL, 
	workflow TEXT NOT NULL, 
	decided_by TEXT NOT NULL, 
	decided_at BIGINT, 
	CONSTRAINT pk_drafts PRIMARY KEY (id)
);
INSERT INTO "drafts" VALUES('prv_1',1,'open','create_workflow','{"deep":[1,2.5,null,true,{"a":"b"}]}','{"name":"Release","description":"Zo\u00eb''s release \ud83d\udea8","trigger":{"type":"scheduled","cron":"0 9 * * 1-5","timezone":"Europe/Berlin","misfire":"skip"},"when":"1 < 2","steps":[{"id":"card","action":"trello.create_card","with":{"board":"Release","list":"Done","title":"{{event.title}}"}},{"id":"tell","action":"slack.send_message","with":{"channel":"#ops","text":"done"},"needs":["card"],"retries":0,"timeout":"PT5S"}],"options":{"retries":1,"fallback":{"trello":"asana"}},"places":{"#ops":"slack:C1"},"home":"slack","schema":1}','slack:U1','Zoë',1795435200000000,1795438800000000,'slack:C1','','',NULL);
CREATE TABLE facts (
	run TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	step TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	data TEXT NOT NULL, 
	CONSTRAINT pk_facts PRIMARY KEY (run, seq), 
	CONSTRAINT fk_facts_run FOREIGN KEY(run) REFERENCES runs (id)
);
INSERT INTO "facts" VALUES('run_1',1,1795435201000000,'started','',0,'','{"event":{"a":1}}');
INSERT INTO "facts" VALUES('run_1',2,1795435202000000,'asked','card',1,'k','{"n":2}');
INSERT INTO "facts" VALUES('run_2',1,1795435201000000,'asked','card',1,'k','{"n":1}');
CREATE TABLE house (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_house PRIMARY KEY (name)
);
INSERT INTO "house" VALUES('audit','f2986693f02fbbe15378e8f7272079588eb3b6eaf14390a6848e2f868aeae8af');
CREATE TABLE inbox (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	payload TEXT NOT NULL, 
	handled BOOLEAN NOT NULL, 
	CONSTRAINT pk_inbox PRIMARY KEY (id), 
	CONSTRAINT uq_inbox_key UNIQUE ("key")
);
INSERT INTO "inbox" VALUES(1,'d',1795435200000000,'{"happenings":[]}',0);
CREATE TABLE members (
	actor TEXT NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	CONSTRAINT pk_members PRIMARY KEY (actor)
);
INSERT INTO "members" VALUES('slack:U1','Zoë','admin');
CREATE TABLE postings (
	id INTEGER NOT NULL, 
	subject TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	face TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	thread TEXT NOT NULL, 
	priority INTEGER NOT NULL, 
	payload TEXT NOT NULL, 
	state INTEGER NOT NULL, 
	wanted INTEGER NOT NULL, 
	shown INTEGER NOT NULL, 
	ref_face TEXT, 
	ref_channel TEXT, 
	ref_message TEXT, 
	ref_thread TEXT, 
	tries INTEGER NOT NULL, 
	not_before BIGINT, 
	error TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	CONSTRAINT pk_postings PRIMARY KEY (id), 
	CONSTRAINT uq_postings_subject_face_channel_thread UNIQUE (subject, face, channel, thread)
);
INSERT INTO "postings" VALUES(1,'run:run_1','run','slack','C1','',0,'{}',0,1,0,NULL,NULL,NULL,NULL,0,NULL,'',1);
CREATE TABLE runs (
	id TEXT NOT NULL, 
	workflow TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	started_at BIGINT NOT NULL, 
	"by" TEXT NOT NULL, 
	"where" TEXT NOT NULL, 
	finished_at BIGINT, 
	sandbox BOOLEAN NOT NULL, 
	error TEXT NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('run_1','wf_00000001',1,'Release','running',1795435200000000,'schedule','slack:C1',NULL,0,'');
INSERT INTO "runs" VALUES('run_2','wf_00000001',1,'Release','succeeded',1795435200000000,'schedule','slack:C1',1795435209000000,0,'');
CREATE TABLE samples (
	id INTEGER NOT NULL, 
	service TEXT NOT NULL, 
	account TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	source TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	latency FLOAT NOT NULL, 
	detail TEXT NOT NULL, 
	operation TEXT NOT NULL, 
	sandbox BOOLEAN NOT NULL, 
	CONSTRAINT pk_samples PRIMARY KEY (id)
);
INSERT INTO "samples" VALUES(1,'trello','',1795435200000000,'probe','ok',0.125,'','',0);
CREATE TABLE schedules (
	workflow TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_schedules PRIMARY KEY (workflow)
);
INSERT INTO "schedules" VALUES('wf_00000001',1795435200000000);
CREATE TABLE service_states (
	service TEXT NOT NULL, 
	account TEXT NOT NULL, 
	ever_ok BOOLEAN NOT NULL, 
	misconfigured BOOLEAN NOT NULL, 
	failures INTEGER NOT NULL, 
	successes INTEGER NOT NULL, 
	last_ok_at BIGINT, 
	last_at BIGINT, 
	last_latency FLOAT NOT NULL, 
	detail TEXT NOT NULL, 
	status TEXT NOT NULL, 
	since BIGINT, 
	sandbox BOOLEAN NOT NULL, 
	CONSTRAINT pk_service_states PRIMARY KEY (service, account)
);
CREATE TABLE vault (
	name TEXT NOT NULL, 
	token TEXT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_vault PRIMARY KEY (name)
);
INSERT INTO "vault" VALUES('github','gAAAAABrBCrA21R4ZimGJkHH0OJllOqn0eUUrVSAIz7p0ZiqBEKPc3JMmy3UF_dCuE3ZPaHeJNHgY2mfNSH1vYPaegAYLpjXCg==',1795435200000000);
CREATE TABLE web_messages (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	author TEXT NOT NULL, 
	author_id TEXT NOT NULL, 
	text TEXT NOT NULL, 
	card TEXT, 
	only_for TEXT NOT NULL, 
	CONSTRAINT pk_web_messages PRIMARY KEY (number), 
	CONSTRAINT uq_web_messages_id UNIQUE (id)
);
CREATE TABLE workflow_versions (
	id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	created_by TEXT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	paused_until BIGINT, 
	"where" TEXT NOT NULL, 
	definition TEXT NOT NULL, 
	CONSTRAINT pk_workflow_versions PRIMARY KEY (id, version), 
	CONSTRAINT fk_workflow_versions_id FOREIGN KEY(id) REFERENCES workflows (id)
);
INSERT INTO "workflow_versions" VALUES('wf_00000001',1,1,'active',1795435200000000,'slack:U1',1795435200000000,NULL,'slack:C1','{"name":"Release","description":"Zo\u00eb''s release \ud83d\udea8","trigger":{"type":"scheduled","cron":"0 9 * * 1-5","timezone":"Europe/Berlin","misfire":"skip"},"when":"1 < 2","steps":[{"id":"card","action":"trello.create_card","with":{"board":"Release","list":"Done","title":"{{event.title}}"}},{"id":"tell","action":"slack.send_message","with":{"channel":"#ops","text":"done"},"needs":["card"],"retries":0,"timeout":"PT5S"}],"options":{"retries":1,"fallback":{"trello":"asana"}},"places":{"#ops":"slack:C1"},"home":"slack","schema":1}');
INSERT INTO "workflow_versions" VALUES('wf_00000001',2,2,'active',1795435200000000,'slack:U1',1795435200000000,NULL,'slack:C1','{"name":"Release two","description":"Zo\u00eb''s release \ud83d\udea8","trigger":{"type":"scheduled","cron":"0 9 * * 1-5","timezone":"Europe/Berlin","misfire":"skip"},"when":"1 < 2","steps":[{"id":"card","action":"trello.create_card","with":{"board":"Release","list":"Done","title":"{{event.title}}"}},{"id":"tell","action":"slack.send_message","with":{"channel":"#ops","text":"done"},"needs":["card"],"retries":0,"timeout":"PT5S"}],"options":{"retries":1,"fallback":{"trello":"asana"}},"places":{"#ops":"slack:C1"},"home":"slack","schema":1}');
CREATE TABLE workflows (
	id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	created_by TEXT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	paused_until BIGINT, 
	"where" TEXT NOT NULL, 
	CONSTRAINT pk_workflows PRIMARY KEY (id)
);
INSERT INTO "workflows" VALUES('wf_00000001',2,2,'active',1795435200000000,'slack:U1',1795435200000000,NULL,'slack:C1');
CREATE INDEX ix_alerts_fingerprint_opened_at ON alerts (fingerprint, opened_at);
CREATE INDEX ix_alerts_opened_at ON alerts (opened_at);
CREATE INDEX ix_audit_subject_id ON audit (subject, id);
CREATE INDEX ix_inbox_handled_at ON inbox (handled, at);
CREATE INDEX ix_postings_ref_message ON postings (ref_message);
CREATE INDEX ix_postings_state_priority_since ON postings (state, priority, since);
CREATE INDEX ix_runs_started_at ON runs (started_at);
CREATE INDEX ix_runs_workflow_started_at ON runs (workflow, started_at);
CREATE INDEX ix_samples_at ON samples (at);
CREATE INDEX ix_samples_service_at ON samples (service, at);
CREATE INDEX ix_web_messages_channel_at ON web_messages (channel, at);
COMMIT;
