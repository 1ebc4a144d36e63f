package dev.precept.cli;

import dev.precept.cases.Verdict;
import dev.precept.report.Narrative;
import dev.precept.report.Result;
import dev.precept.report.Run;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "diff",
    description = {
      "Tell two runs apart, case by case: what no longer holds, what holds now, what is new.",
      "Exit status 1 if a case that held in A does not in B, else 0."
    })
final class DiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "A",
      description = "The earlier run's results.jsonl or folder.")
  private Path before;

  @Parameters(
      index = "1",
      paramLabel = "B",
      description = "The later run's results.jsonl or folder.")
  private Path after;

  @Option(names = "--all", description = "List every case, not only the first 20 of each kind.")
  private boolean all;

  private static final int SHOWN = 20;

  @Override
  public Integer call() throws IOException {
    Run one = ReportCommand.read(before);
    Run other = ReportCommand.read(after);
    Map<String, Result> former = byId(one);
    List<String> broken = new ArrayList<>();
    List<String> mended = new ArrayList<>();
    List<String> otherwise = new ArrayList<>();
    List<String> added = new ArrayList<>();
    for (Result now : other.results()) {
      Result then = former.remove(now.id());
      if (then == null) {
        added.add(now.id() + ": " + now.verdict().word());
      } else if (then.verdict().holds() && !now.verdict().holds()) {
        broken.add(now.id() + ": " + now.verdict().word() + ", " + Narrative.headline(now));
      } else if (!then.verdict().holds() && now.verdict().holds()) {
        mended.add(now.id() + ": was " + then.verdict().word());
      } else if (changed(then, now)) {
        otherwise.add(now.id() + ": " + shown(then) + " became " + shown(now));
      }
    }
    List<String> gone =
        former.values().stream().map(r -> r.id() + ": was " + r.verdict().word()).toList();
    PrintWriter out = spec.commandLine().getOut();
    if (!one.summary().info().tablesHash().equals(other.summary().info().tablesHash())) {
      out.println("The runs used different tables.");
    }
    warnIfPartial(out, "A", one);
    warnIfPartial(out, "B", other);
    list(out, "no longer hold", broken);
    list(out, "hold now", mended);
    list(out, "fail otherwise", otherwise);
    list(out, "only in B", added);
    list(out, "only in A", gone);
    int same =
        other.results().size() - broken.size() - mended.size() - otherwise.size() - added.size();
    out.println(Wording.count(same, "case") + " the same");
    return broken.isEmpty() ? ExitStatus.HOLDS : ExitStatus.VIOLATIONS;
  }

  private static boolean changed(Result then, Result now) {
    return then.verdict() != now.verdict()
        || !then.actual().equals(now.actual())
        || !then.differences().equals(now.differences());
  }

  private static String shown(Result result) {
    boolean named = result.verdict().violates() || result.verdict() == Verdict.HOLDS;
    return result.verdict().word() + (named ? " (" + result.actual() + ")" : "");
  }

  private static void warnIfPartial(PrintWriter out, String name, Run run) {
    if (run.summary().partial()) {
      out.println(name + " did not finish: cases it lacks say nothing.");
    }
  }

  private void list(PrintWriter out, String title, List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    out.println(Wording.count(lines.size(), "case") + " " + title + ":");
    int shown = all ? lines.size() : Math.min(SHOWN, lines.size());
    lines.subList(0, shown).forEach(line -> out.println("  " + line));
    if (shown < lines.size()) {
      out.println("  and " + (lines.size() - shown) + " more (--all lists them)");
    }
  }

  private static Map<String, Result> byId(Run run) {
    return run.results().stream()
        .collect(Collectors.toMap(Result::id, r -> r, (a, b) -> b, LinkedHashMap::new));
  }
}
