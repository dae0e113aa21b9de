import { expect, it } from "vitest";
import { Turns } from "./turns.ts";

it("lets the loop turn while much work waits, and loses none of it", async () => {
  const turns = new Turns();
  let isDone = false;
  let between = 0;
  const count = (): void => {
    between += 1;
    if (!isDone) setTimeout(count, 0);
  };
  setTimeout(count, 0);
  let worked = 0;
  await Promise.all(
    Array.from({ length: 200 }, async () => {
      const turn = turns.next("all");
      if (turn !== undefined) await turn;
      const end = performance.now() + 0.5;
      while (performance.now() < end);
      worked += 1;
    }),
  );
  isDone = true;
  expect(worked).toBe(200);
  expect(between).toBeGreaterThan(3);
});

it("serves lanes one after the other, however much waits in one of them", async () => {
  const turns = new Turns();
  while (turns.next("") === undefined);
  const served: string[] = [];
  const wait = async (lane: string): Promise<void> => {
    await turns.next(lane);
    served.push(lane);
  };
  await Promise.all([...Array.from({ length: 100 }, () => wait("many")), wait("few"), wait("few")]);
  expect(served.slice(0, 5)).toEqual(["many", "few", "many", "few", "many"]);
  expect(served).toHaveLength(102);
});
