import { execFileSync } from "node:child_process";

let answer: boolean | undefined;

/** Whether a Docker engine answers on this machine; asked once a process. */
export function dockerAnswers(): boolean {
  if (answer === undefined) {
    try {
      execFileSync("docker", ["info"], { stdio: "ignore", timeout: 5000 });
      answer = true;
    } catch {
      answer = false;
    }
  }
  return answer;
}
