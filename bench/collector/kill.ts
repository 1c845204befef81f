import { killRounds } from './kill-rounds.ts';

/** 200 × kill -9 under load. */
export async function kill(rounds = 200): Promise<void> {
  const { acknowledged, lost, torn, bad } = await killRounds(rounds, (round) => {
    if (round % 20 === 0) console.log(`${round} of ${rounds}`);
  });
  console.log(
    `\n${rounds} × kill -9: ${acknowledged} requests acknowledged, ${lost.length} of them lost; ` +
      `${torn} times a line was cut, which the next start repaired; ${bad} bad lines`,
  );
  if (lost.length > 0 || bad > 0) process.exitCode = 1;
}
