package dev.precept.core.instructions;

import dev.precept.core.OpcodeMap;

/** Registers every vendor-neutral family of system instructions. */
public final class SystemInstructions {
  private SystemInstructions() {}

  /** Adds the rows of all system families to {@code map}. */
  public static void register(OpcodeMap map) {
    ControlRegisterInstructions.register(map);
    DebugRegisterInstructions.register(map);
    DescriptorTableInstructions.register(map);
    TimestampInstructions.register(map);
    MsrInstructions.register(map);
    ExtendedStateInstructions.register(map);
    SupervisorStateInstructions.register(map);
    CacheInstructions.register(map);
    MonitorInstructions.register(map);
    RandomInstructions.register(map);
    UserWaitInstructions.register(map);
    EnqueueInstructions.register(map);
    ReservedServiceInstructions.register(map);
  }
}
