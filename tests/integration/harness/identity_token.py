# SPDX-License-Identifier: Apache-2.0
"""X-Sendconnector-Identity made and read as the daemon does, by whoever has its key.

The format is written down here a second time on purpose: mail that is in the queue when the program
is replaced has tokens of the former one.
"""

import base64
import ctypes
import ctypes.util
import os
import re
import struct

FIELD = "X-Sendconnector-Identity"
_VERSION = b"\x01"
_GET_TAG = 0x10


def seal(key, login, sender, message_id, date, expires):
    """The token for `login` in this message; `expires` in seconds since 1970."""
    nonce = os.urandom(12)
    associated = FIELD.encode() + _VERSION + b"".join(
        struct.pack(">Q", len(part)) + part for part in map(str.encode, (sender, message_id, date)))
    text = struct.pack(">Q", int(expires)) + login.encode()
    return _base64url(_VERSION + nonce + _encrypt(key, nonce, associated, text))


def in_message(data):
    """The tokens in the header of a message (bytes)."""
    header = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0].decode("utf-8", "replace")
    return re.findall(rf"(?mi)^{FIELD}[ \t]*:[ \t]*(\S+)", header)


def _base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _encrypt(key, nonce, associated, text):
    """AES-256-GCM; the tag stands behind the text."""
    crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
    for name in ("EVP_CIPHER_CTX_new", "EVP_aes_256_gcm"):
        getattr(crypto, name).restype = ctypes.c_void_p
    context = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new())
    size = ctypes.c_int()
    out = ctypes.create_string_buffer(len(text) + 16)
    tag = ctypes.create_string_buffer(16)
    done = [crypto.EVP_EncryptInit_ex(context, ctypes.c_void_p(crypto.EVP_aes_256_gcm()), None, key,
                                      nonce),
            crypto.EVP_EncryptUpdate(context, None, ctypes.byref(size), associated,
                                     len(associated)),
            crypto.EVP_EncryptUpdate(context, out, ctypes.byref(size), text, len(text)),
            crypto.EVP_EncryptFinal_ex(context, tag, ctypes.byref(ctypes.c_int())),
            crypto.EVP_CIPHER_CTX_ctrl(context, _GET_TAG, 16, tag)]
    crypto.EVP_CIPHER_CTX_free(context)
    if done != [1] * 5:
        raise RuntimeError("libcrypto cannot encrypt")
    return out.raw[:size.value] + tag.raw
