package dev.precept.mutation;

import java.util.function.IntUnaryOperator;
import org.pitest.reloc.asm.ClassReader;
import org.pitest.reloc.asm.ClassVisitor;
import org.pitest.reloc.asm.ClassWriter;
import org.pitest.reloc.asm.Handle;
import org.pitest.reloc.asm.Label;
import org.pitest.reloc.asm.MethodVisitor;
import org.pitest.reloc.asm.Opcodes;

/** A class that says, line by line, where it has been. */
final class ProbedClass {
  private static final String PROBES = Probes.class.getName().replace('.', '/');

  private ProbedClass() {}

  /**
   * {@code bytes} with a call of {@link Probes#hit} before what each line does.
   *
   * @param probeOfLine the number of the probe of a line
   */
  static byte[] of(byte[] bytes, IntUnaryOperator probeOfLine) {
    ClassReader reader = new ClassReader(bytes);
    ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
    reader.accept(
        new ClassVisitor(Opcodes.ASM9, writer) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] thrown) {
            return new Lines(
                super.visitMethod(access, name, descriptor, signature, thrown), probeOfLine);
          }
        },
        0);
    return writer.toByteArray();
  }

  /**
   * Puts the call before a line's first instruction: a frame may stand between it and its label.
   */
  private static final class Lines extends MethodVisitor {
    private final IntUnaryOperator probeOfLine;
    private int line = -1;

    Lines(MethodVisitor next, IntUnaryOperator probeOfLine) {
      super(Opcodes.ASM9, next);
      this.probeOfLine = probeOfLine;
    }

    private void probe() {
      if (line >= 0) {
        int probe = probeOfLine.applyAsInt(line);
        line = -1;
        super.visitLdcInsn(probe);
        super.visitMethodInsn(Opcodes.INVOKESTATIC, PROBES, "hit", "(I)V", false);
      }
    }

    @Override
    public void visitLineNumber(int number, Label start) {
      line = number;
      super.visitLineNumber(number, start);
    }

    @Override
    public void visitInsn(int opcode) {
      probe();
      super.visitInsn(opcode);
    }

    @Override
    public void visitIntInsn(int opcode, int operand) {
      probe();
      super.visitIntInsn(opcode, operand);
    }

    @Override
    public void visitVarInsn(int opcode, int index) {
      probe();
      super.visitVarInsn(opcode, index);
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      probe();
      super.visitTypeInsn(opcode, type);
    }

    @Override
    public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
      probe();
      super.visitFieldInsn(opcode, owner, name, descriptor);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean ofInterface) {
      probe();
      super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
    }

    @Override
    public void visitInvokeDynamicInsn(
        String name, String descriptor, Handle bootstrap, Object... arguments) {
      probe();
      super.visitInvokeDynamicInsn(name, descriptor, bootstrap, arguments);
    }

    @Override
    public void visitJumpInsn(int opcode, Label label) {
      probe();
      super.visitJumpInsn(opcode, label);
    }

    @Override
    public void visitLdcInsn(Object value) {
      probe();
      super.visitLdcInsn(value);
    }

    @Override
    public void visitIincInsn(int index, int increment) {
      probe();
      super.visitIincInsn(index, increment);
    }

    @Override
    public void visitTableSwitchInsn(int min, int max, Label other, Label... labels) {
      probe();
      super.visitTableSwitchInsn(min, max, other, labels);
    }

    @Override
    public void visitLookupSwitchInsn(Label other, int[] keys, Label[] labels) {
      probe();
      super.visitLookupSwitchInsn(other, keys, labels);
    }

    @Override
    public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
      probe();
      super.visitMultiANewArrayInsn(descriptor, dimensions);
    }
  }
}
