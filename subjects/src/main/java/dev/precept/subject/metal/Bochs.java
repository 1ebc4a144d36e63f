package dev.precept.subject.metal;

import dev.precept.cases.FeatureBit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Bochs with its text display, under a pseudo-terminal that {@code script} gives it: Debian builds
 * it without the one that needs none.
 */
final class Bochs implements Emulator {
  /** The emulator itself; Debian's {@code bochs} is a shell script around it. */
  private static final List<String> PROGRAMS = List.of("bochs-bin", "bochs");

  private static final int SERIAL_PORT = 0x3F8;

  /** More than the triple faults of a machine's life. */
  private static final int CONTINUES = 10_000;

  private static final List<String> FOLDERS =
      List.of("/usr/share/bochs", "/usr/local/share/bochs", "/usr/share/vgabios");

  private static final String SVM_MODEL = "ryzen", VMX_MODEL = "tigerlake";

  private final String model;

  private Bochs(String model) {
    this.model = model;
  }

  /** With a processor that has SVM. */
  static Bochs svm() {
    return new Bochs(SVM_MODEL);
  }

  /** With a processor that has VMX. */
  static Bochs vmx() {
    return new Bochs(VMX_MODEL);
  }

  @Override
  public String name() {
    return "bochs";
  }

  @Override
  public String version() {
    String version =
        help()
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("Bochs x86 Emulator"))
            .findFirst()
            .orElse("Bochs, not installed");
    return version
        + "; cpu model "
        + SVM_MODEL
        + " for svm, "
        + VMX_MODEL
        + " for vmx; "
        + String.join(" ", command("bochsrc"));
  }

  private static String help() {
    return PROGRAMS.stream()
        .map(program -> EmulatorProcess.output(program, "--help", "cpu"))
        .flatMap(Optional::stream)
        .findFirst()
        .orElse("");
  }

  @Override
  public int heartbeatPort() {
    return SERIAL_PORT;
  }

  @Override
  public boolean keepsTlb() {
    return false;
  }

  @Override
  public boolean canSwitchOff(FeatureBit bit) {
    return false;
  }

  private static List<String> command(String configuration) {
    String program = program().orElse(PROGRAMS.get(0));
    // A build with the debugger stops at its prompt unless it is told to go on.
    boolean debugger = EmulatorProcess.output(program, "--help").orElse("").contains("-rc ");
    String inner = program + " -q -f " + configuration + (debugger ? " -rc debugger.txt" : "");
    return List.of("script", "-qec", inner, "/dev/null");
  }

  private static Optional<String> program() {
    return PROGRAMS.stream()
        .filter(program -> EmulatorProcess.output(program, "--help").isPresent())
        .findFirst();
  }

  private static Path find(String... names) {
    List<String> folders = new ArrayList<>(FOLDERS);
    Optional.ofNullable(System.getenv("BXSHARE")).ifPresent(folder -> folders.add(0, folder));
    for (String folder : folders) {
      for (String name : names) {
        Path file = Path.of(folder, name);
        if (Files.isReadable(file)) {
          return file;
        }
      }
    }
    throw new SubjectUnavailableException(
        "Bochs has no " + names[0] + " in " + String.join(", ", folders) + INSTALL);
  }

  private static final String INSTALL =
      " (Debian, Ubuntu: apt-get install bochs bochs-term bochsbios vgabios)";

  @Override
  public Machine start(Path folder, Path disk, Path heartbeat, Set<FeatureBit> off)
      throws IOException {
    if (program().isEmpty()) {
      throw new SubjectUnavailableException("bochs cannot be run" + INSTALL);
    }
    Path log = folder.resolve("bochs.log");
    // Left behind by a machine that was killed.
    Files.deleteIfExists(disk.resolveSibling(disk.getFileName() + ".lock"));
    // It stops at its prompt when it starts, and at every triple fault.
    Files.writeString(folder.resolve("debugger.txt"), "c\n".repeat(CONTINUES));
    Files.writeString(
        folder.resolve("bochsrc"),
        String.join(
            "\n",
            "config_interface: textconfig",
            "display_library: term",
            "memory: guest=64, host=64",
            "romimage: file=" + find("BIOS-bochs-latest"),
            "vgaromimage: file=" + find("vgabios.bin", "VGABIOS-lgpl-latest"),
            // Unknown MSRs fault, as on a processor; Bochs ignores accesses unless told otherwise.
            // A modest speed: the serial port and the disk keep emulated time.
            "cpu: model="
                + model
                + ", count=1, ips=4000000, reset_on_triple_fault=0, ignore_bad_msrs=0",
            "pci: enabled=1, chipset=i440fx",
            "ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14",
            "ata0-master: type=disk, path=" + disk + ", mode=flat, cylinders=130, heads=16, spt=63",
            "boot: disk",
            "com1: enabled=1, mode=file, dev=" + heartbeat,
            "clock: sync=none, time0=946681200",
            "sound: driver=dummy, waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy",
            // Some of its panics are about what cases do on purpose; it can go on after them.
            "panic: action=report, cpu0=report",
            "error: action=ignore",
            "info: action=ignore",
            "debug: action=ignore",
            "log: " + log,
            ""));
    return EmulatorProcess.start(command("bochsrc"), folder, log, said -> said.contains("3rd ("));
  }
}
