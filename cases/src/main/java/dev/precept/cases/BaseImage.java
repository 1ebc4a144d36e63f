package dev.precept.cases;

/**
 * Memory contents that many cases share (tables, page tables, handlers, code of the host).
 *
 * @param name stable name, unique among base images
 * @param bytes contents from {@link Layout#START} up to {@link Layout#END}; never written to after
 *     construction
 */
public record BaseImage(String name, byte[] bytes) {
  public BaseImage {
    if (bytes.length != Layout.END - Layout.START) {
      throw new IllegalArgumentException("a base image spans the whole layout");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BaseImage that && name.equals(that.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }
}
