"""A model of a hundred kilobytes with random weights, made here: enough for a real server to speak the protocol.

    python -m tests.assistant.tiny_model PATH

A llama of one layer whose vocabulary is the 256 bytes and three control tokens. What it writes is noise.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, FEED = 32, 1, 2, 64
CONTEXT = 8_192
UNKNOWN, CONTROL, BYTE, NORMAL = 2, 3, 6, 1
#: ChatML: whoever could write its marks could forge a role.
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def vocabulary() -> tuple[list[bytes], list[float], list[int]]:
    """Tokens, scores and kinds: control tokens, every byte, and printable characters as tokens of their own."""
    tokens = [b"<unk>", b"<s>", b"</s>"]
    kinds = [UNKNOWN, CONTROL, CONTROL]
    tokens += [f"<0x{byte:02X}>".encode() for byte in range(256)]
    kinds += [BYTE] * 256
    letters = ["\u2581", *(chr(code) for code in range(33, 127)), "\n"]
    tokens += [letter.encode() for letter in letters]
    kinds += [NORMAL] * len(letters)
    scores = [0.0] * 3 + [-1_000.0] * 256 + [-float(number) for number in range(len(letters))]
    return tokens, scores, kinds


def write_model(path: Path, seed: int = 7) -> Path:
    """Write the file; the same seed gives the same noise."""
    random = np.random.default_rng(seed)
    tokens, scores, kinds = vocabulary()
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("noise")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(TEMPLATE)

    def noise(*shape: int) -> np.ndarray:
        return (random.standard_normal(shape) * 0.1).astype(np.float32)

    writer.add_tensor("token_embd.weight", noise(len(tokens), WIDTH))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    output = noise(len(tokens), WIDTH) * 5
    output[3:259] *= 0.05  # letters rather than single bytes, which would hardly ever be text
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(WIDTH, np.float32))
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", noise(WIDTH, WIDTH))
        for name in ("ffn_gate", "ffn_up"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", noise(FEED, WIDTH))
        writer.add_tensor(f"blk.{layer}.ffn_down.weight", noise(WIDTH, FEED))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


if __name__ == "__main__":
    write_model(Path(sys.argv[1]))
