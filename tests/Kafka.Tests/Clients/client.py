"""kafka-python as people use it. Arguments: produce BOOTSTRAP TOPIC FOLDER | consume BOOTSTRAP TOPIC GROUP COUNT."""
import logging
import os
import sys
import time

from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(relativeCreated)d ms: %(message)s")


def produce(bootstrap, topic, folder):
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=4 << 20)
    ready()
    key, headers = b"key-1", [("trace", b"4bf92f35"), ("source", b"tests")]
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            producer.send(topic, value=file.read(), key=key, headers=headers).get()
    producer.close()


def consume(bootstrap, topic, group, count):
    consumer = KafkaConsumer(topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", consumer_timeout_ms=10000)
    ready()
    for _ in range(int(count)):
        message = next(consumer)
        headers = ",".join(f"{name}={value.decode()}" for name, value in message.headers)
        sys.stdout.buffer.write(b"%d %d %s\n%s%s\n" % (len(message.key), len(message.value), headers.encode(), message.key, message.value))
    consumer.close()


def ready():
    global started
    started = time.monotonic()


started = time.monotonic()
try:
    {"produce": produce, "consume": consume}[sys.argv[1]](*sys.argv[2:])
except StopIteration:
    os._exit(1)
except KafkaError as error:
    print(f"{type(error).__name__} after {time.monotonic() - started:.3f} s", file=sys.stderr)
    os._exit(1)  # what still tries in the background would try on
