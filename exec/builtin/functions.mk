# The built-in functions: C for WASI with what exec/builtin/guest.h and csv.h share. Each becomes build/functions/NAME.wasm.
BUILTIN_COMMON := exec/builtin/guest.c exec/builtin/csv.c
BUILTINS :=
BUILTIN_FLAGS := -D_GNU_SOURCE -Wl,-z,stack-size=1048576

define builtin
BUILTINS += $(1)
FUNCTIONS += $(1)
FUNCTION_$(1)_SOURCES := $(2) $$(BUILTIN_COMMON)
FUNCTION_$(1)_FLAGS := $$(BUILTIN_FLAGS)
build/functions/$(1).wasm: $$(wildcard exec/builtin/*.h)
endef
# $(eval $(call builtin,NAME,SOURCES)), a line for each, sorted by what they do.
$(eval $(call builtin,echo,exec/builtin/echo.c))
SETS := exec/builtin/sets.c exec/builtin/sets_hash.c exec/builtin/oblivious.c exec/builtin/hash.c exec/builtin/lines.c
$(eval $(call builtin,intersect,exec/builtin/intersect.c $(SETS)))
# What learns, and what predicts.
LEARN := exec/builtin/model.c exec/builtin/model_rows.c exec/builtin/model_apply.c
GBDT := exec/builtin/gbdt_model.c exec/builtin/gbdt_bins.c exec/builtin/gbdt_histogram.c exec/builtin/gbdt_grow.c exec/builtin/gbdt_round.c
$(eval $(call builtin,gbdt_train,exec/builtin/gbdt_train.c $(GBDT) $(LEARN)))
$(eval $(call builtin,gbdt_predict,exec/builtin/gbdt_predict.c exec/builtin/gbdt_model.c $(LEARN)))
WEIGHTS := exec/builtin/model_weights.c exec/builtin/matrix.c
$(eval $(call builtin,logistic_train,exec/builtin/logistic_train.c exec/builtin/logistic_fit.c $(WEIGHTS) $(LEARN)))
$(eval $(call builtin,logistic_predict,exec/builtin/logistic_predict.c $(WEIGHTS) $(LEARN)))
$(eval $(call builtin,linear_train,exec/builtin/linear_train.c $(WEIGHTS) $(LEARN)))
$(eval $(call builtin,linear_predict,exec/builtin/linear_predict.c $(WEIGHTS) $(LEARN)))
$(eval $(call builtin,kmeans,exec/builtin/kmeans.c exec/builtin/matrix.c $(LEARN)))
$(eval $(call builtin,pca,exec/builtin/pca.c exec/builtin/matrix.c $(LEARN)))
TABLES := exec/builtin/tables.c exec/builtin/lines.c
$(eval $(call builtin,join,exec/builtin/join.c $(TABLES)))
$(eval $(call builtin,sum,exec/builtin/sum.c $(TABLES)))
# Inference: an ONNX model on another party's images or numbers.
ONNX := $(addprefix exec/builtin/,onnx_wire.c onnx_model.c onnx_tensor.c onnx_graph.c onnx_call.c onnx_fold.c onnx_gemm.c onnx_window.c \
	onnx_ops_math.c onnx_ops_reduce.c onnx_ops_layer.c onnx_ops_pool.c onnx_ops_shape.c onnx_ops_cut.c onnx_ops_resize.c)
$(eval $(call builtin,onnx,exec/builtin/onnx_main.c $(ONNX)))
$(eval $(call builtin,describe,exec/builtin/describe.c exec/builtin/describe_rows.c exec/builtin/describe_write.c exec/builtin/statistics.c $(TABLES)))
$(eval $(call builtin,password,exec/builtin/password.c exec/builtin/digests.c exec/builtin/hash.c exec/builtin/lines.c exec/builtin/oblivious.c))
# Keys and signatures: what of AWS-LC they need, compiled once. Its C without assembly; the small tables, since a task signs once.
AWSLC := $(THIRD)/src/aws-lc
AWSLC_FILES := generated-src/err_data $(addprefix crypto/,crypto ex_data mem refcount_lock thread_none asn1/a_object asn1/posix_time base64/base64 \
	bio/bio bio/file bio/printf blake2/blake2 bn_extra/bn_asn1 bn_extra/convert bytestring/asn1_compat bytestring/cbb bytestring/cbs \
	console/console decrepit/ripemd/ripemd dh_extra/dh_asn1 dh_extra/params digest_extra/digest_extra dsa/dsa dsa/dsa_asn1 \
	ec_extra/ec_asn1 ec_extra/ec_brainpool ecdsa_extra/ecdsa_asn1 engine/engine err/err fipsmodule/bcm keccak/keccak lhash/lhash md4/md4 \
	obj/obj obj/obj_xref rand_extra/getentropy rand_extra/vm_ube_fallback stack/stack ube/fork_ube_detect ube/ube ube/vm_ube_detect \
	$(addprefix evp_extra/,evp_asn1 p_dh p_dh_asn1 p_dsa p_dsa_asn1 p_ec_asn1 p_ed25519_asn1 p_hmac_asn1 p_kem_asn1 p_methods p_pqdsa_asn1 \
	p_rsa_asn1 p_x25519 p_x25519_asn1 print) $(addprefix rsa_extra/,rsa_asn1 rsa_crypt rsassa_pss_asn1))
AWSLC_FLAGS := --target=wasm32-wasi -std=gnu11 -O2 -w -ffunction-sections -fdata-sections -I$(AWSLC)/include -DNDEBUG -DBORINGSSL_IMPLEMENTATION \
	-DOPENSSL_SMALL -DDISABLE_CPU_JITTER_ENTROPY
AWSLC_OBJECTS := $(AWSLC_FILES:%=build/functions/aws-lc/%.o)

build/functions/aws-lc/%.o: $(AWSLC)/%.c exec/builtin/functions.mk
	@mkdir -p $(@D)
	@echo "cc wasm $<"
	clang-14 $(AWSLC_FLAGS) $(REPRODUCIBLE) -c $< -o $@
build/functions/aws-lc.a: $(AWSLC_OBJECTS)
	@rm -f $@
	llvm-ar-14 rcsD $@ $^
# Of no BUILTINS: natively a signature would take a few milliseconds less, and each node's image would have the library in it.
FUNCTIONS += keygen sign
define key_function
FUNCTION_$(1)_SOURCES := exec/builtin/$(1).c exec/builtin/keys.c exec/builtin/guest.c
FUNCTION_$(1)_FLAGS := $$(BUILTIN_FLAGS) -isystem $$(AWSLC)/include build/functions/aws-lc.a
build/functions/$(1).wasm: exec/builtin/guest.h exec/builtin/keys.h build/functions/aws-lc.a
endef
$(eval $(call key_function,keygen))
$(eval $(call key_function,sign))
