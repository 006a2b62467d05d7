// kafkajs as people use it. Arguments: produce BOOTSTRAP TOPIC FOLDER | consume BOOTSTRAP TOPIC GROUP COUNT.
const fs = require("node:fs");
const path = require("node:path");
const { Kafka, logLevel } = require("kafkajs");

const [verb, bootstrap, topic, ...rest] = process.argv.slice(2);
const kafka = new Kafka({ brokers: bootstrap.split(","), logLevel: logLevel.ERROR });
let started = performance.now();

async function produce(folder) {
  const producer = kafka.producer();
  await producer.connect();
  started = performance.now();
  const headers = { trace: "4bf92f35", source: "tests" };
  for (const name of fs.readdirSync(folder).sort()) {
    await producer.send({ topic, messages: [{ key: "key-1", value: fs.readFileSync(path.join(folder, name)), headers }] });
  }
  await producer.disconnect();
}

async function consume(groupId, count) {
  const consumer = kafka.consumer({ groupId });
  await consumer.connect();
  started = performance.now();
  await consumer.subscribe({ topic, fromBeginning: true });
  let left = Number(count);
  await new Promise((done, failed) => {
    consumer.on(consumer.events.CRASH, (event) => failed(event.payload.error));
    consumer
      .run({
        eachMessage: async ({ message }) => {
          if (left === 0) return;
          const headers = Object.entries(message.headers).map(([name, value]) => `${name}=${value}`);
          const head = `${message.key.length} ${message.value.length} ${headers.join(",")}\n`;
          fs.writeSync(1, Buffer.concat([Buffer.from(head), message.key, message.value, Buffer.from("\n")]));
          if (--left === 0) done();
        },
      })
      .catch(failed);
  });
  await consumer.disconnect();
}

(verb === "produce" ? produce(...rest) : consume(...rest)).catch((error) => {
  const code = error.type ?? error.cause?.type ?? error.originalError?.type;
  console.error(`${error.name} ${code}: ${error.message} after ${((performance.now() - started) / 1000).toFixed(3)} s`);
  process.exit(1);
});
