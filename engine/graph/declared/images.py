"""Container images that are known infrastructure: a database, a queue, a cache, a proxy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NAMES: Final[Mapping[str, str]] = {
    "PostgreSQL": "postgres postgresql postgis timescaledb pgvector cockroach spilo",
    "MySQL": "mysql mysql-server percona",
    "MariaDB": "mariadb",
    "MongoDB": "mongo mongodb mongodb-community-server",
    "Redis": "redis redis-stack redis-stack-server keydb",
    "Valkey": "valkey",
    "Memcached": "memcached",
    "RabbitMQ": "rabbitmq",
    "Kafka": "kafka cp-kafka cp-server kafka-native redpanda",
    "ZooKeeper": "zookeeper cp-zookeeper",
    "NATS": "nats",
    "ActiveMQ": "activemq activemq-classic activemq-artemis",
    "Mosquitto": "eclipse-mosquitto",
    "Elasticsearch": "elasticsearch",
    "OpenSearch": "opensearch",
    "Solr": "solr",
    "Meilisearch": "meilisearch",
    "Cassandra": "cassandra scylla",
    "ClickHouse": "clickhouse clickhouse-server",
    "InfluxDB": "influxdb",
    "SQL Server": "mssql server azure-sql-edge",
    "Neo4j": "neo4j",
    "MinIO": "minio",
    "etcd": "etcd",
    "Consul": "consul",
    "Vault": "vault openbao",
    "nginx": "nginx nginx-unprivileged openresty",
    "Apache httpd": "httpd",
    "Traefik": "traefik",
    "HAProxy": "haproxy",
    "Caddy": "caddy",
    "Envoy": "envoy",
    "Keycloak": "keycloak",
    "Prometheus": "prometheus",
    "Grafana": "grafana grafana-oss",
    "Jaeger": "all-in-one jaeger",
    "OpenTelemetry Collector": "opentelemetry-collector opentelemetry-collector-contrib",
    "Mail server": "mailhog mailpit postfix",
    "LocalStack": "localstack",
}
KNOWN: Final[Mapping[str, str]] = {image: name for name, images in _NAMES.items() for image in images.split()}
# Words that stand for something else unless somebody in particular publishes them.
_ONLY_OF: Final[Mapping[str, str]] = {"server": "mssql", "all-in-one": "jaegertracing"}


def infra_of(image: str) -> str:
    """``PostgreSQL`` of ``docker.io/library/postgres:16@sha256:…``; "" for an image of one's own or one that is not known."""
    path = image.strip().casefold().partition("@")[0]
    project, _, last = path.rpartition("/")
    name = last.partition(":")[0]
    if name in _ONLY_OF and _ONLY_OF[name] not in project:
        return ""
    return KNOWN.get(name, "")
