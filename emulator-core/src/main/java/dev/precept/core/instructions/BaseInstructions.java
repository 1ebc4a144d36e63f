package dev.precept.core.instructions;

import dev.precept.core.OpcodeMap;

/** Registers every vendor-neutral family that the base core has. */
public final class BaseInstructions {
  private BaseInstructions() {}

  /** Adds the rows of all base families to {@code map}. */
  public static void register(OpcodeMap map) {
    ArithmeticInstructions.register(map);
    BitInstructions.register(map);
    DataTransferInstructions.register(map);
    NearTransferInstructions.register(map);
    FarTransferInstructions.register(map);
    FlagInstructions.register(map);
    InterruptInstructions.register(map);
    IoInstructions.register(map);
    StringInstructions.register(map);
    SystemManagementInstructions.register(map);
    MemoryOrderInstructions.register(map);
    SystemCallInstructions.register(map);
    SegmentCheckInstructions.register(map);
    FloatingPointInstructions.register(map);
  }
}
