from __future__ import annotations

import pytest

from engine.graph.declared.component import ComponentKind, Criticality
from engine.graph.declared.hosts import hosts_in
from engine.graph.declared.images import infra_of
from engine.graph.declared.reading import Form
from tests.engine.graph.declared.catalogues import drawn, reading, told

SHOP = """
name: shop
x-common: &common
  restart: unless-stopped
x-env: &env
  CACHE_URL: redis://:not-a-secret@cache:6379/0
services:
  web:
    <<: *common
    build: ./web
    depends_on: [api]
    environment: {<<: *env, API_HOST: api, POSTGRES_DB: db, ALLOWED_HOSTS: "web,db"}
  api:
    image: registry.example.com/shop/api:1.4
    depends_on:
      db: {condition: service_healthy, restart: true}
      migrate: {condition: service_completed_successfully}
      mail: {condition: service_started, required: false}
    environment:
      - DATABASE_URL=postgresql://shop:${DB_PASSWORD:-x}@db:5432/shop
      - BROKERS=queue-1:9092,queue-2:9092
      - SEARCH=${SEARCH_URL:-http://search:9200}
      - EMPTY
    labels: ["com.example.tier=1", "com.example.owner=team shop", "com.example.criticality=high"]
  migrate: {image: "registry.example.com/shop/api:1.4", command: migrate}
  db: {image: "postgres:16-alpine@sha256:abc", healthcheck: {test: [CMD, pg_isready]}}
  cache: {image: docker.io/valkey/valkey:8}
  queue-1: {image: confluentinc/cp-kafka:7.6}
  queue-2: {image: confluentinc/cp-kafka:7.6}
  search: {image: opensearchproject/opensearch:2, container_name: the-search}
  mail: {image: axllent/mailpit}
  sidecar: {image: envoyproxy/envoy, network_mode: "service:web", volumes_from: ["db:ro", "container:other"]}
  worker: {extends: {service: api}, depends_on: [cache], links: ["db:database"], environment: {QUEUE: "amqp://database"}}
"""


def test_a_shop_is_read_with_everything_it_names() -> None:
    found = reading(SHOP)
    assert found.form is Form.COMPOSE
    assert found.lost == ()
    assert drawn(found.lines) == {
        "web needs api",
        "web calls cache",
        "api needs db",
        "api needs? migrate",
        "api needs? mail",
        "api calls queue-1 (1: BROKERS of api)",
        "api calls queue-2 (1: BROKERS of api)",
        "api calls search",
        "sidecar needs web",
        "sidecar needs db",
        "worker needs db",
        "worker needs? migrate",
        "worker needs? mail",
        "worker needs cache",
        "worker calls queue-1 (1: BROKERS of worker)",
        "worker calls queue-2 (1: BROKERS of worker)",
        "worker calls search",
    }


def test_known_images_are_infrastructure_and_labels_are_facts() -> None:
    components = {one.id: one for one in reading(SHOP).components}
    assert (components["db"].kind, components["db"].about) == (ComponentKind.INFRA, "PostgreSQL")
    api = components["api"]
    assert (api.kind, api.owner, api.tier, api.criticality) == (ComponentKind.COMPONENT, "team shop", 1, Criticality.HIGH)


def test_no_value_of_the_environment_is_kept_or_told() -> None:
    found = reading(SHOP.replace("queue-1:9092,queue-2:9092", "queue-1:9092,queue-2:9092,hidden-value"))
    everything = repr(found)
    assert "not-a-secret" not in everything
    assert "hidden-value" not in everything


def test_an_image_is_known_wherever_it_comes_from() -> None:
    assert infra_of("postgres") == infra_of("docker.io/bitnami/postgresql:16") == "PostgreSQL"
    assert infra_of("mcr.microsoft.com/mssql/server:2022-latest") == "SQL Server"
    assert infra_of("my.registry:5000/redis") == "Redis"
    assert infra_of("acme/server") == infra_of("acme/api:1") == ""


def test_two_that_share_no_network_are_pointed_out() -> None:
    text = "services:\n  a: {image: x, networks: [front], environment: {API: 'http://b:80'}}\n  b: {image: y, networks: {back: {aliases: [bee]}}}\n"
    found = reading(text)
    assert drawn(found.lines) == {"a calls b"}
    assert "share no network" in told(found)


@pytest.mark.parametrize(
    ("variable", "value", "hosts"),
    [
        ("PGHOST", "db", {"db"}),
        ("DATABASE_URL", "jdbc:postgresql://db:5432/x", {"db"}),
        ("MONGO", "mongodb://u:p@a:27017,b:27017,c/x?y=z", {"a", "b", "c"}),
        ("LISTEN", "PLAINTEXT://kafka:9092,EXTERNAL://outside:9094", {"kafka", "outside"}),
        ("VOTERS", "0@k0:9093,1@k1:9093", {"k0", "k1"}),
        ("X", "${API:-http://api:80}/v1", {"api"}),
        ("SEEDS", "a b", set()),
        ("NODES", "a, b", {"a", "b"}),
        ("ALLOWED_HOSTS", "web,db", set()),
        ("POSTGRES_DB", "db", set()),
        ("TIME", "12:30", {"12"}),
        ("X", "amqp://user:p@ss@mq/", {"mq"}),
        ("X", "http://[::1]:80", {"[::1]"}),
        ("EMPTY", "", set()),
    ],
)
def test_hosts_are_found_in_values(variable: str, value: str, hosts: set[str]) -> None:
    assert set(hosts_in(variable, value)) == hosts


def test_a_network_alias_is_a_host() -> None:
    text = "services:\n  a: {image: x, networks: [n], environment: {B_HOST: bee}}\n  b: {image: y, networks: {n: {aliases: [bee]}}}\n"
    assert drawn(reading(text).lines) == {"a calls b"}


def test_what_stands_in_other_files_is_said() -> None:
    text = "include: [other.yaml]\nservices:\n  a: {image: x, env_file: .env, extends: {file: base.yml, service: b}}\n  c: {image: x, depends_on: [a, aa]}\n"
    found = reading(text)
    assert "extends “b” of another file" in told(found)
    assert "“include” were not read" in told(found)
    assert "env_file of “a” was not read" in told(found)
    assert "line 4: Nothing here declares “aa”; it is kept as a name. Did you mean “a”?" in told(found)


def test_waiting_for_the_health_of_what_is_never_checked_is_pointed_out() -> None:
    text = "services:\n  a: {image: x, depends_on: {b: {condition: service_healthy}, c: {condition: ready}}}\n  b: {build: .}\n  c: {image: z}\n"
    assert "no healthcheck stands there" in told(reading(text))
    assert "“ready” is no condition of depends_on" in told(reading(text))


def test_circles_of_extends_and_lines_to_oneself_do_no_harm() -> None:
    found = reading("services:\n  a: {image: x, extends: b, depends_on: [a]}\n  b: {image: x, extends: a, depends_on: [a]}\n")
    assert drawn(found.lines) == {"a needs b", "b needs a"} or drawn(found.lines) == {"b needs a"}
    assert "cannot need itself" in told(found)
    assert "circle" in told(found)


def test_a_container_called_chat_is_not_the_chat_of_the_house() -> None:
    found = reading("services:\n  chat: {build: ., depends_on: [jira]}\n  web: {build: ., depends_on: [chat]}\n")
    assert drawn(found.lines) == {"component:chat needs jira", "web needs component:chat"}
    assert "goes by “component:chat”" in told(found)


def test_a_label_says_that_it_is_a_connected_service() -> None:
    text = "services:\n  tickets: {image: x, labels: {signalbox.service: Jira}}\n  web: {image: y, depends_on: [tickets]}\n"
    found = reading(text)
    jira = next(one for one in found.components if one.id == "jira")
    assert (jira.service, jira.aliases) == ("jira", ("tickets",))
    assert drawn(found.lines) == {"web needs jira"}
