(** * Enclosures of the named functions, written as terms, and interval arithmetic for scalar programs. *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals Functions.
From SimCert Require Export Intervals Elementary Bell.
Local Open Scope R_scope.

(** ** Named functions, as terms *)
Inductive term := Z_ | One | Neg (a : term) | Add (a b : term) | Mul (a b : term) | Inv (a : term) | Exp_ (a : term)
| Sin_ (a : term) | Cos_ (a : term) | Atan_ (a : term) | Ln_ (a : term) | Sqrt_ (a : term) | Bell_ (a : term) | Pi_.
Fixpoint t_r (z : R) (t : term) : R :=
  match t with
  | Z_ => z | One => 1 | Neg a => - t_r z a | Add a b => t_r z a + t_r z b | Mul a b => t_r z a * t_r z b | Inv a => / t_r z a | Exp_ a => exp (t_r z a)
  | Sin_ a => sin (t_r z a) | Cos_ a => cos (t_r z a) | Atan_ a => atan (t_r z a) | Ln_ a => ln (t_r z a) | Sqrt_ a => sqrt (t_r z a)
  | Bell_ a => bell_integral (t_r z a) | Pi_ => PI
  end.
Fixpoint t_i (x : interval) (t : term) : option interval :=
  match t with
  | Z_ => Some x
  | One => Some (i_q 1)
  | Neg a => match t_i x a with Some i => Some (i_opp i) | None => None end
  | Add a b => match t_i x a, t_i x b with Some i, Some j => Some (i_add i j) | _, _ => None end
  | Mul a b => match t_i x a, t_i x b with Some i, Some j => Some (i_mul i j) | _, _ => None end
  | Inv a => match t_i x a with Some i => i_inv i | None => None end
  | Exp_ a => match t_i x a with Some i => i_exp i | None => None end
  | Sin_ a => match t_i x a with Some i => i_sin i | None => None end
  | Cos_ a => match t_i x a with Some i => i_cos i | None => None end
  | Atan_ a => match t_i x a with Some i => i_atan i | None => None end
  | Ln_ a => match t_i x a with Some i => i_ln i | None => None end
  | Sqrt_ a => match t_i x a with Some i => i_sqrt i | None => None end
  | Bell_ a => match t_i x a with Some i => Some (i_bell i) | None => None end
  | Pi_ => i_pi 1
  end.
Lemma t_ok z x : within z x -> forall t y, t_i x t = Some y -> within (t_r z t) y.
Proof.
  intros Hz. induction t; cbn [t_i t_r]; intros y H.
  - now injection H as <-.
  - injection H as <-. rewrite <- Q2R_1. apply i_q_ok.
  - destruct (t_i x t); [|easy]. injection H as <-. now apply i_opp_ok, IHt.
  - destruct (t_i x t1); [|easy]. destruct (t_i x t2); [|easy]. injection H as <-. apply i_add_ok; auto.
  - destruct (t_i x t1); [|easy]. destruct (t_i x t2); [|easy]. injection H as <-. apply i_mul_ok; auto.
  - destruct (t_i x t) as [i|]; [|easy]. exact (proj2 (i_inv_ok _ i y (IHt i eq_refl) H)).
  - destruct (t_i x t) as [i|]; [|easy]. exact (i_exp_ok _ i y (IHt i eq_refl) H).
  - destruct (t_i x t) as [i|]; [|easy]. exact (i_sin_ok _ i y (IHt i eq_refl) H).
  - destruct (t_i x t) as [i|]; [|easy]. exact (i_cos_ok _ i y (IHt i eq_refl) H).
  - destruct (t_i x t) as [i|]; [|easy]. exact (i_atan_ok _ i y (IHt i eq_refl) H).
  - destruct (t_i x t) as [i|]; [|easy]. exact (proj2 (i_ln_ok _ i y (IHt i eq_refl) H)).
  - destruct (t_i x t) as [i|]; [|easy]. exact (proj2 (i_sqrt_ok _ i y (IHt i eq_refl) H)).
  - destruct (t_i x t) as [i|]; [|easy]. injection H as <-. exact (i_bell_ok _ i (IHt i eq_refl)).
  - exact (i_pi_ok 1 y Q2R_1 H).
Qed.
Definition half : term := Inv (Add One One).
Definition e_ := Exp_ Z_.
Definition f_ := Exp_ (Neg Z_).
Definition sub a b := Add a (Neg b).
Definition two := Add One One.
Definition erf_factor := Mul two (Inv (Sqrt_ Pi_)).
Definition gelu_argument := Mul Z_ (Inv (Sqrt_ two)).
Definition gelu_factor := Mul half (Add One (Mul erf_factor (Bell_ gelu_argument))).
Definition value_term (e : exponential) : term :=
  match e with
  | Exp => e_ | Expm1 => sub e_ One | Tanh => Mul (sub e_ f_) (Inv (Add e_ f_)) | Sigmoid => Inv (Add One f_)
  | Silu => Mul Z_ (Inv (Add One f_)) | Sinh => Mul (sub e_ f_) half | Cosh => Mul (Add e_ f_) half | Gaussian => Exp_ (Neg (Mul Z_ Z_))
  | Sin => Sin_ Z_ | Cos => Cos_ Z_ | Arctan => Atan_ Z_ | Softplus => Ln_ (Add One e_) | Logcosh => Ln_ (Mul (Add e_ f_) half) | Rsqrt => Inv (Sqrt_ Z_)
  | Erf => Mul erf_factor (Bell_ Z_) | Gelu => Mul Z_ gelu_factor
  end.
Definition slope_term (e : exponential) : term :=
  match e with
  | Exp | Expm1 => e_
  | Tanh => sub One (Mul (Mul (sub e_ f_) (Inv (Add e_ f_))) (Mul (sub e_ f_) (Inv (Add e_ f_))))
  | Sigmoid => Mul f_ (Mul (Inv (Add One f_)) (Inv (Add One f_)))
  | Silu => Add (Inv (Add One f_)) (Mul Z_ (Mul f_ (Mul (Inv (Add One f_)) (Inv (Add One f_)))))
  | Sinh => Mul (Add e_ f_) half | Cosh => Mul (sub e_ f_) half
  | Gaussian => Neg (Mul (Add Z_ Z_) (Exp_ (Neg (Mul Z_ Z_))))
  | Sin => Cos_ Z_ | Cos => Neg (Sin_ Z_) | Arctan => Inv (Add One (Mul Z_ Z_)) | Softplus => Inv (Add One f_)
  | Logcosh => Mul (sub e_ f_) (Inv (Add e_ f_)) | Rsqrt => Neg (Mul half (Mul (Inv Z_) (Inv (Sqrt_ Z_))))
  | Erf => Mul erf_factor (Exp_ (Neg (Mul Z_ Z_)))
  | Gelu => Add gelu_factor (Mul Z_ (Mul half (Mul erf_factor (Mul (Inv (Sqrt_ two)) (Exp_ (Neg (Mul gelu_argument gelu_argument)))))))
  end.
(** where the function is differentiable *)
Definition domain (e : exponential) (z : R) : Prop := match e with Rsqrt => 0 < z | _ => True end.
Definition in_domain (e : exponential) (x : interval) : bool := match e with Rsqrt => positive_q (fst x) | _ => true end.
Lemma in_domain_ok e z x : within z x -> in_domain e x = true -> domain e z.
Proof. intros [H _]. destruct e; try exact (fun _ => I). intros K. apply positive_q_ok in K. cbn. lra. Qed.
Lemma root_two_positive : 0 < sqrt 2. Proof. apply sqrt_lt_R0. lra. Qed.
Lemma root_pi_positive : 0 < sqrt PI. Proof. apply sqrt_lt_R0, PI_RGT_0. Qed.
Lemma erf_bell z : erf z = 2 * / sqrt PI * bell_integral z. Proof. reflexivity. Qed.
Lemma erf_derive z : is_derive erf z (2 * / sqrt PI * bell z).
Proof. apply (is_derive_scal bell_integral), bell_integral_derive. Qed.
Lemma value_term_ok e z : exponential_fun e z = t_r z (value_term e).
Proof.
  assert (P := exp_pos z). assert (Q := exp_pos (- z)). assert (P2 := root_two_positive).
  destruct e; cbn [exponential_fun t_r value_term e_ f_ sub half]; unfold tanh, sinh, cosh; try reflexivity; try (field; lra).
  change (gelu z = z * (/ (1 + 1) * (1 + 2 * / sqrt PI * bell_integral (z / sqrt 2)))). rewrite <- erf_bell. unfold gelu. field.
Qed.
Lemma slope_term_ok e z : domain e z -> is_derive (exponential_fun e) z (t_r z (slope_term e)).
Proof.
  intros D. assert (P := exp_pos z). assert (Q := exp_pos (- z)). assert (P2 := root_two_positive). assert (E2 := sqrt_sqrt 2 ltac:(lra)).
  destruct e; cbn [exponential_fun t_r slope_term e_ f_ sub half domain] in *; unfold tanh, sinh, cosh;
    try ((auto_derive; [repeat split; try exact I; lra|]); try (field; lra); try ring; fail).
  - apply derive_atan.
  - auto_derive; [lra|]. rewrite exp_Ropp. field. lra.
  - assert (S := sqrt_lt_R0 z D). assert (E := sqrt_sqrt z ltac:(lra)). auto_derive; [repeat split; lra|].
    rewrite <- E at 4. field. lra.
  - apply erf_derive.
  - change (is_derive gelu z (/ (1 + 1) * (1 + 2 * / sqrt PI * bell_integral (z / sqrt 2))
      + z * (/ (1 + 1) * (2 * / sqrt PI * (/ sqrt (1 + 1) * bell (z / sqrt 2)))))).
    rewrite <- erf_bell. change (1 + 1) with 2. unfold gelu.
    assert (G := erf_derive (z / sqrt 2)).
    auto_derive; [repeat split; try exact I; eexists; exact G|]. change (fun x => erf x) with erf. change (z * / sqrt 2) with (z / sqrt 2). rewrite (is_derive_unique _ _ _ G). field. split; [lra|].
    apply Rgt_not_eq, root_pi_positive.
Qed.

Definition i_act (k : shape) (x : interval) : option (interval * interval) :=
  match k with
  | Kink s t => if positive_q (fst x) then Some (i_mul (i_q t) x, i_q t) else if positive_q (qopp (snd x)) then Some (i_mul (i_q s) x, i_q s) else None
  | Inverse =>
    match i_inv x with
    | Some y => Some (y, i_opp (i_mul y y))
    | None => match i_inv (i_opp x) with Some y => Some (i_opp y, i_opp (i_mul y y)) | None => None end
    end
  | Exponential e => if in_domain e x then match t_i x (value_term e), t_i x (slope_term e) with Some v, Some d => Some (v, d) | _, _ => None end else None
  end.
Lemma i_act_ok k r x v d : within r x -> i_act k x = Some (v, d) ->
  within (shape_fun k r) v /\ exists r', is_derive (shape_fun k) r r' /\ within r' d.
Proof.
  intros Hr H. destruct k as [s t| |e]; cbn [i_act] in H.
  - assert (Hr' := Hr). unfold within in Hr'. destruct (positive_q (fst x)) eqn:E.
    + apply positive_q_ok in E. injection H as <- <-. destruct (kink_derive s t r t) as [K1 K2]; try lra; auto.
      rewrite K1. split; [apply i_mul_ok; [apply i_q_ok|exact Hr]|]. exists (Q2R t). split; [exact K2|apply i_q_ok].
    + destruct (positive_q (qopp (snd x))) eqn:E2; [|easy]. apply positive_q_ok in E2. rewrite qopp_ok in E2. injection H as <- <-.
      destruct (kink_derive s t r s) as [K1 K2]; try lra; auto.
      rewrite K1. split; [apply i_mul_ok; [apply i_q_ok|exact Hr]|]. exists (Q2R s). split; [exact K2|apply i_q_ok].
  - destruct (i_inv x) as [y|] eqn:E.
    + injection H as <- <-. destruct (i_inv_ok _ _ _ Hr E) as [P W]. split; [exact W|]. exists (- (/ r * / r)).
      split; [apply inverse_derive; lra|]. now apply i_opp_ok, i_mul_ok.
    + destruct (i_inv (i_opp x)) as [y|] eqn:E2; [|easy]. injection H as <- <-. destruct (i_inv_ok _ _ _ (i_opp_ok _ _ Hr) E2) as [P W].
      cbn [shape_fun]. replace (/ r) with (- / - r) by (field; lra). split; [now apply i_opp_ok|]. exists (- (/ r * / r)).
      split; [apply inverse_derive; lra|]. replace (/ r * / r) with (/ - r * / - r) by (field; lra). now apply i_opp_ok, i_mul_ok.
  - destruct (in_domain e x) eqn:E0; [|easy]. destruct (t_i x (value_term e)) as [v'|] eqn:E1; [|easy]. destruct (t_i x (slope_term e)) as [d'|] eqn:E2; [|easy]. injection H as <- <-.
    cbn [shape_fun]. split; [rewrite value_term_ok; exact (t_ok r x Hr _ _ E1)|]. exists (t_r r (slope_term e)).
    split; [now apply slope_term_ok, (in_domain_ok e r x)|exact (t_ok r x Hr _ _ E2)].
Qed.
Definition intervals : numbers.
Proof.
  refine {| carrier := interval; stands := within; of_q := fun q => Some (i_q q); add := i_add; mul := i_mul; act := i_act; zero := i_q 0 |}.
  - intros q a [= <-]. apply i_q_ok.
  - rewrite <- Q2R_0. apply i_q_ok.
  - apply i_add_ok.
  - apply i_mul_ok.
  - apply i_act_ok.
Defined.
Definition excludes_zero (x : interval) : bool := positive_q (fst x) || positive_q (qopp (snd x)).
Lemma excludes_zero_ok r x : within r x -> excludes_zero x = true -> r <> 0.
Proof.
  unfold within, excludes_zero. intros [A B] H. apply orb_prop in H as [H|H]; apply positive_q_ok in H; rewrite ?qopp_ok in H; lra.
Qed.
