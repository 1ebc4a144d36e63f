package dev.precept.cases;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Bytes at a physical address.
 *
 * @param address physical address of the first byte
 * @param bytes the bytes; never written to after construction
 */
public record MemoryPatch(long address, byte[] bytes) {
  /** The physical address behind the last byte. */
  public long end() {
    return address + bytes.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MemoryPatch that
        && address == that.address
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(address) + Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return Long.toHexString(address) + "h: " + HexFormat.of().formatHex(bytes);
  }
}
