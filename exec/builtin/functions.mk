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
