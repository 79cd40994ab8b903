// Runs benchmark jobs in the published peer package: a JSON object a line in, one out.
//   {"op": "version"}                                → {"node": version}
//   {"op": "load", "config": text}                   → {"ok": true}
//   {"op": "rows", "rows": [{table, row}]}           → {"ok": true}                   (fills the lookups)
//   {"op": "answer", "job": job}                     → {"answer": …}                  (what the job gives, to be compared)
//   {"op": "time", "job": job, "calls": n}           → {"us": microseconds of a call}
// A job is {"kind": "resolve" | "evaluate" | "lookups" | "compile" | "verify", …} with what it needs.
// Started with `node --input-type=module --eval`, in the folder where the packages are installed.
import * as readline from 'node:readline';
import * as sqlite from 'node:sqlite';
import * as peer from '@powersync/service-sync-rules';
import * as jose from 'jose';

let config, index = new Map();
const ref = (name) => ({ connectionTag: 'default', schema: 'public', name });
const load = (text) =>
  peer.SqlSyncRules.fromYaml(text, { defaultSchema: 'public', throwOnError: true })
    .config.hydrate({ hydrationState: peer.DEFAULT_HYDRATION_STATE, sqlite: peer.nodeSqlite(sqlite) });
const values = (row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, typeof v === 'number' ? BigInt(v) : v]));

async function resolve(claims) {
  const { querier } = config.getBucketParameterQuerier({
    globalParameters: new peer.RequestParameters(new peer.BaseJwtPayload(claims), {}),
    hasDefaultStreams: true,
    streams: {}
  });
  let buckets = [...querier.staticBuckets];
  if (querier.hasDynamicBuckets) {
    const found = await querier.queryDynamicBucketDescriptions({
      async getParameterSets(lookups) {
        return lookups.map((lookup) => ({ lookup, rows: index.get(lookup.serializedRepresentation) ?? [] }));
      }
    });
    buckets = peer.mergeBuckets([...buckets, ...found]);
  }
  return buckets;
}

function runner(job) {
  switch (job.kind) {
    case 'resolve': {
      let at = 0;
      return () => resolve(job.claims[at++ % job.claims.length]);
    }
    case 'evaluate': {
      const table = ref(job.table), record = values(job.row);
      return () => config.evaluateRowWithErrors({ sourceTable: table, record }).results;
    }
    case 'lookups': {
      const table = ref(job.table), record = values(job.row);
      return () => config.evaluateParameterRowWithErrors(table, record).results;
    }
    case 'compile':
      return () => load(job.config);
    case 'verify': {
      const options = { audience: 'bench', algorithms: [job.jwk.alg] };
      const key = jose.importJWK(job.jwk);
      return async () => (await jose.jwtVerify(job.token, await key, options)).payload;
    }
  }
}

async function answer(job) {
  switch (job.kind) {
    case 'resolve':
      return Promise.all(job.claims.slice(0, 20).map(async (claims) => (await resolve(claims)).map((b) => b.bucket).sort()));
    case 'evaluate':
      return runner(job)().map((r) => [r.bucket, r.table, r.id, Object.keys(r.data)]);
    case 'lookups':
      return runner(job)().length;
    case 'compile':
      return runner(job)() ? true : false;
    case 'verify':
      return (await runner(job)()).sub;
  }
}

async function time(job, calls) {
  const run = runner(job), isAsync = job.kind === 'resolve' || job.kind === 'verify';
  for (let i = 0; i < Math.min(calls, 2000); i++) isAsync ? await run() : run();
  const began = process.hrtime.bigint();
  if (isAsync) for (let i = 0; i < calls; i++) await run();
  else for (let i = 0; i < calls; i++) run();
  return Number(process.hrtime.bigint() - began) / 1e3 / calls;
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let told;
  try {
    switch (asked.op) {
      case 'version':
        told = { node: process.version };
        break;
      case 'load':
        config = load(asked.config);
        index = new Map();
        told = { ok: true };
        break;
      case 'rows':
        for (const { table, row } of asked.rows)
          for (const { lookup, bucketParameters } of config.evaluateParameterRowWithErrors(ref(table), values(row)).results) {
            const key = lookup.serializedRepresentation;
            if (!index.has(key)) index.set(key, []);
            index.get(key).push(...bucketParameters);
          }
        told = { ok: true };
        break;
      case 'answer':
        told = { answer: await answer(asked.job) };
        break;
      case 'time':
        told = { us: await time(asked.job, asked.calls) };
        break;
    }
  } catch (e) {
    told = { error: String(e.message ?? e) };
  }
  process.stdout.write(JSON.stringify(told) + '\n');
}
