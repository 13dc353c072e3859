// The official TypeScript SDK, unmodified but for base URL and key: create, poll, list, results, cancel, delete, and errors.
import { createRequire } from 'node:module';

const [baseURL, apiKey, installed] = process.argv.slice(2);
const require = createRequire(installed + '/package.json');
const { default: Anthropic, ...errors } = require('@anthropic-ai/sdk');
const client = new Anthropic({ baseURL, apiKey });
const batches = client.messages.batches;
const seen = (name, value) => console.log(`${name}: ${value}`);
const check = (holds, what) => {
  if (!holds) throw new Error(`not so: ${what}`);
};
const advance = (seconds) => fetch(`${baseURL}/sim/advance?seconds=${seconds}`, { method: 'POST' });
const requests = ['a', 'b'].map((id) => ({
  custom_id: id,
  params: { model: 'claude-haiku-4-5', max_tokens: 100, messages: [{ role: 'user', content: `A garden rake ${id}` }] },
}));
const refused = async (status, call) => {
  try {
    await call();
  } catch (error) {
    check(error instanceof errors.APIError && error.status === status, `${status}, not ${error.status}: ${error.message}`);
    return seen('refused', `${status} ${error.error.error.type}: ${error.error.error.message.replace(/msgbatch_\w+/, 'ID')}`);
  }
  throw new Error(`not refused with ${status}`);
};

const created = await batches.create({ requests });
seen('created', `${created.processing_status} ${created.request_counts.processing}`);
await refused(404, () => client.get(`/v1/messages/batches/${created.id}/results`));
await refused(400, () => batches.delete(created.id));
await advance(660);
const ended = await batches.retrieve(created.id);
seen('polled', `${ended.processing_status} ${ended.request_counts.succeeded}`);
const listed = [];
for await (const batch of batches.list({ limit: 1 })) listed.push(batch.id);
check(listed.length === 1 && listed[0] === created.id, 'one batch is listed');
seen('listed', listed.length);
for await (const line of await batches.results(created.id)) {
  check(line.result.type === 'succeeded' && line.result.message.usage.output_tokens > 0, 'a succeeded line with usage');
  seen('result', `${line.custom_id} ${line.result.type} ${line.result.message.usage.service_tier}`);
}
const second = await batches.create({ requests });
seen('canceled', (await batches.cancel(second.id)).processing_status);
await advance(25);
const lines = [];
for await (const line of await batches.results(second.id)) lines.push(line.result.type);
seen('lines', lines.join(' '));
seen('deleted', (await batches.delete(second.id)).type);
await refused(404, () => batches.retrieve(second.id));
await refused(400, () => batches.create({ requests: [requests[0], requests[0]] }));
await refused(401, () => new Anthropic({ baseURL, apiKey: 'sk-wrong' }).messages.batches.list());
