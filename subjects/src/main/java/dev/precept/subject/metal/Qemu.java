package dev.precept.subject.metal;

import dev.precept.cases.FeatureBit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** QEMU's x86 system emulator: its own translator (TCG), or the hardware through KVM. */
final class Qemu implements Emulator {
  private static final String PROGRAM = "qemu-system-x86_64";
  private static final int DEBUG_PORT = 0xE9;

  /** QEMU's names of features that cases want to be absent, by their CPUID bit. */
  private static final Map<FeatureBit, String> NAMES =
      Map.ofEntries(
          name(1, 0, 2, 3, "monitor"),
          name(1, 0, 2, 17, "pcid"),
          name(1, 0, 2, 26, "xsave"),
          name(1, 0, 3, 4, "tsc"),
          name(1, 0, 3, 12, "mtrr"),
          name(7, 0, 1, 10, "invpcid"),
          name(7, 0, 2, 2, "umip"),
          name(0x8000_0001, 0, 2, 2, "svm"),
          name(0x8000_0001, 0, 2, 4, "cr8legacy"),
          name(0x8000_0001, 0, 2, 12, "skinit"),
          name(0x8000_0001, 0, 3, 27, "rdtscp"),
          name(0x8000_0008, 0, 1, 9, "wbnoinvd"));

  private final boolean kvm;
  private final String model;

  private Qemu(boolean kvm, String model) {
    this.kvm = kvm;
    this.model = model;
  }

  private static Map.Entry<FeatureBit, String> name(
      int leaf, int subleaf, int register, int bit, String name) {
    return Map.entry(new FeatureBit(leaf, subleaf, register, bit, true), name);
  }

  /** With QEMU's translator; never the hardware's virtualization. */
  static Qemu tcg() {
    return new Qemu(false, "max");
  }

  /** On this computer's own virtualization, nested. */
  static Qemu kvm() {
    return new Qemu(true, "host");
  }

  @Override
  public String name() {
    return kvm ? "kvm" : "qemu";
  }

  @Override
  public String version() {
    return EmulatorProcess.firstLine(PROGRAM, "--version").orElse("QEMU, not installed")
        + "; "
        + String.join(
            " ", command(Path.of("DISK"), Path.of("HEARTBEAT"), Path.of("LOG"), Set.of()));
  }

  @Override
  public int heartbeatPort() {
    return DEBUG_PORT;
  }

  @Override
  public boolean keepsTlb() {
    return kvm;
  }

  @Override
  public boolean canSwitchOff(FeatureBit bit) {
    return NAMES.containsKey(present(bit));
  }

  private static FeatureBit present(FeatureBit bit) {
    return new FeatureBit(bit.leaf(), bit.subleaf(), bit.register(), bit.bit(), true);
  }

  private List<String> command(Path disk, Path heartbeat, Path log, Set<FeatureBit> off) {
    StringBuilder cpu = new StringBuilder(model).append(",+svm");
    Set<String> names = new TreeSet<>();
    for (FeatureBit bit : off) {
      names.add(Optional.ofNullable(NAMES.get(present(bit))).orElseThrow());
    }
    names.forEach(name -> cpu.append(",-").append(name));
    List<String> command = new ArrayList<>();
    command.addAll(List.of(PROGRAM, "-accel", kvm ? "kvm" : "tcg", "-cpu"));
    command.add(cpu.toString().replace(",+svm,-svm", ",-svm"));
    command.addAll(List.of("-M", "pc,hpet=off", "-m", "64", "-display", "none", "-nodefaults"));
    command.addAll(List.of("-no-reboot", "-serial", "stdio"));
    command.addAll(List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
    command.addAll(List.of("-chardev", "file,id=heartbeat,path=" + heartbeat));
    command.addAll(List.of("-device", "isa-debugcon,iobase=0xe9,chardev=heartbeat"));
    command.addAll(List.of("-drive", "file=" + disk + ",format=raw,if=ide,cache=unsafe"));
    command.addAll(List.of("-d", "cpu_reset", "-D", log.toString()));
    return command;
  }

  @Override
  public Machine start(Path folder, Path disk, Path heartbeat, Set<FeatureBit> off)
      throws IOException {
    Path log = folder.resolve("qemu.log");
    try {
      return EmulatorProcess.start(
          command(disk, heartbeat, log, off), folder, log, said -> said.contains("Triple fault"));
    } catch (SubjectUnavailableException e) {
      throw new SubjectUnavailableException(
          e.getMessage() + " (Debian, Ubuntu: apt-get install qemu-system-x86)", e);
    }
  }
}
