package dev.precept.subject.metal;

import dev.precept.cases.FeatureBit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** Something that boots a disk image. */
interface Emulator {
  /** The word that selects it, such as {@code qemu}. */
  String name();

  /** Version, model and command line, for the record. */
  String version();

  /** I/O port that takes a byte before each case and brings it to the heartbeat file. */
  int heartbeatPort();

  /** Whether VMRUN has to be told to flush the guest's TLB entries. */
  boolean keepsTlb();

  /** Whether it can be started with a processor that does not have this feature. */
  boolean canSwitchOff(FeatureBit bit);

  /**
   * Starts it.
   *
   * @param folder a folder of its own, for what it writes
   * @param disk the disk image to boot
   * @param heartbeat file that takes a byte for each case
   * @param off features that its processor must not have
   * @throws SubjectUnavailableException if it cannot be started, with what to do about it
   */
  Machine start(Path folder, Path disk, Path heartbeat, Set<FeatureBit> off) throws IOException;
}
