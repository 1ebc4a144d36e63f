package dev.precept.cli;

import dev.precept.power.Fate;
import dev.precept.power.MutantKind;
import dev.precept.power.Power;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "power",
    description = {
      "Would the planned cases notice a wrong emulator? Tries systematic mistakes at every row.",
      "A mistake is killed by a case, proven equivalent (no state shows it), or survives: then the "
          + "plan lacks a case, the state is printed, and the exit status is 1."
    })
final class PowerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TableOptions tables;
  @Mixin private Instructions instructions;

  @Option(
      names = "--equivalent",
      description = "List the mistakes that are proven equivalent, too, with why.")
  private boolean equivalent;

  @Override
  public Integer call() throws IOException {
    List<Tables> all = tables.tables();
    instructions.check(all);
    long start = System.nanoTime();
    List<Fate> fates = new ArrayList<>();
    try (Progress progress = Progress.onTerminal()) {
      for (Tables vendor : all) {
        List<InstructionForm> forms = vendor.forms().stream().filter(instructions::wanted).toList();
        AtomicInteger done = new AtomicInteger();
        fates.addAll(
            new Power(vendor)
                .run(
                    instructions::wanted,
                    id ->
                        progress.say(
                            String.format(
                                Locale.ENGLISH,
                                "%s: %d of %d forms, %s",
                                vendor.vendor(),
                                done.incrementAndGet(),
                                forms.size(),
                                id))));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    print(out, fates);
    out.printf(Locale.ENGLISH, "in %.1f s%n", (System.nanoTime() - start) / 1e9);
    boolean hole = fates.stream().anyMatch(fate -> fate.status() == Fate.Status.SURVIVED);
    return hole ? ExitStatus.VIOLATIONS : ExitStatus.HOLDS;
  }

  private void print(PrintWriter out, List<Fate> fates) {
    for (Fate fate : fates) {
      if (fate.status() == Fate.Status.SURVIVED) {
        out.println("survived   " + line(fate));
      } else if (equivalent && fate.status() == Fate.Status.EQUIVALENT) {
        out.println("equivalent " + line(fate));
      }
    }
    out.printf("%-10s %9s %9s %10s %9s%n", "", "mutants", "killed", "equivalent", "survived");
    for (MutantKind kind : MutantKind.values()) {
      List<Fate> some = fates.stream().filter(fate -> fate.kind() == kind).toList();
      row(out, kind.word(), some);
    }
    row(out, "all", fates);
  }

  private static String line(Fate fate) {
    String mode = fate.mode().map(one -> "/" + one.word()).orElse("");
    return fate.kind().word()
        + "  "
        + fate.form()
        + mode
        + "  "
        + fate.check()
        + ": "
        + fate.what()
        + "\n           "
        + fate.detail();
  }

  private static void row(PrintWriter out, String name, List<Fate> fates) {
    out.printf(
        Locale.ENGLISH,
        "%-10s %,9d %,9d %,10d %,9d%n",
        name,
        fates.size(),
        count(fates, Fate.Status.KILLED),
        count(fates, Fate.Status.EQUIVALENT),
        count(fates, Fate.Status.SURVIVED));
  }

  private static long count(List<Fate> fates, Fate.Status status) {
    return fates.stream().filter(fate -> fate.status() == status).count();
  }
}
