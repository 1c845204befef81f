const words = (text: string): Set<string> => new Set(text.split(' '));

/** The first argument is a key. */
const KEY_FIRST = words(
  'APPEND BITCOUNT BITFIELD BITFIELD_RO BITPOS BLMOVE BLPOP BRPOP BRPOPLPUSH BZPOPMAX BZPOPMIN COPY DECR DECRBY DEL DUMP EXISTS ' +
    'EXPIRE EXPIREAT EXPIRETIME GEOADD GEODIST GEOHASH GEOPOS GEORADIUS GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEORADIUS_RO ' +
    'GEOSEARCH GEOSEARCHSTORE GET GETBIT GETDEL GETEX GETRANGE GETSET HDEL HEXISTS HEXPIRE HEXPIREAT HGET HGETALL HGETDEL HGETEX ' +
    'HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HPERSIST HPEXPIRE HPTTL HRANDFIELD HSCAN HSET HSETEX HSETNX HSTRLEN HTTL HVALS ' +
    'INCR INCRBY INCRBYFLOAT LCS LINDEX LINSERT LLEN LMOVE LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM MGET MOVE MSET MSETNX ' +
    'PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PFCOUNT PFMERGE PSETEX PTTL RENAME RENAMENX RESTORE RPOP RPOPLPUSH RPUSH RPUSHX ' +
    'SADD SCARD SDIFF SDIFFSTORE SET SETBIT SETEX SETNX SETRANGE SINTER SINTERSTORE SISMEMBER SMEMBERS SMISMEMBER SMOVE SORT SORT_RO ' +
    'SPOP SRANDMEMBER SREM SSCAN STRLEN SUBSTR SUNION SUNIONSTORE TOUCH TTL TYPE UNLINK WATCH XACK XADD XAUTOCLAIM XCLAIM XDEL ' +
    'XLEN XPENDING XRANGE XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZDIFFSTORE ZINCRBY ZINTERSTORE ZLEXCOUNT ZMSCORE ZPOPMAX ZPOPMIN ' +
    'ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ' +
    'ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNIONSTORE',
);
/** The number of keys is at this index, and they follow. */
const COUNT_AT = new Map([
  ...'LMPOP SINTERCARD ZDIFF ZINTER ZINTERCARD ZMPOP ZUNION'.split(' ').map((name) => [name, 0] as const),
  ...'BLMPOP BZMPOP EVAL EVALSHA EVALSHA_RO EVAL_RO FCALL FCALL_RO'.split(' ').map((name) => [name, 1] as const),
]);
/** An operation or a subcommand is before the key. */
const KEY_SECOND = words('BITOP OBJECT XGROUP XINFO');
/** They say who may do what: not even how many arguments there are. */
const NAME_ONLY = words('ACL AUTH CONFIG HELLO');
const BLOCKING = words('BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN WAIT WAITAOF');
const STREAM_READS = words('XREAD XREADGROUP');

const MAX_ARGUMENTS = 16;
const MAX_KEY_LENGTH = 256;

/**
 * A command as it is written for redis-cli, with its first key, and `?` for all else: `HSET order:7 ? ?`. A script, a value, and an
 * argument of a command that is not known here are not in it.
 *
 * @param command in upper case
 */
export function commandText(command: string, args: readonly unknown[]): string {
  if (NAME_ONLY.has(command)) return command;
  const at = keyIndex(command, args);
  const shown = args.slice(0, MAX_ARGUMENTS).map((argument, index) => {
    return index === at && typeof argument === 'string' ? argument.slice(0, MAX_KEY_LENGTH) : '?';
  });
  return [command, ...shown, ...(args.length > MAX_ARGUMENTS ? ['...'] : [])].join(' ');
}

/** Whether a command waits until there is something to answer, such as one of the pollers of a queue. */
export function isBlocking(command: string, args: readonly unknown[]): boolean {
  return BLOCKING.has(command) || (STREAM_READS.has(command) && indexOfWord('BLOCK', args) !== -1);
}

function keyIndex(command: string, args: readonly unknown[]): number | undefined {
  if (KEY_FIRST.has(command)) return 0;
  if (KEY_SECOND.has(command)) return 1;
  if (STREAM_READS.has(command)) return indexOfWord('STREAMS', args) + 1 || undefined;
  const count = COUNT_AT.get(command);
  return count === undefined || !(Number(args[count]) > 0) ? undefined : count + 1;
}

/** Keys come after all options. */
function indexOfWord(word: string, args: readonly unknown[]): number {
  return args.findIndex((argument) => typeof argument === 'string' && argument.toUpperCase() === word);
}
