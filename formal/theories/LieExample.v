(** * Small models on which every rule of the Lie rank is run inside Coq

    - [square_exact]: a (w.x)^2 with two inputs at (1, 2, 3): the dimension of Lie(V) is exactly 2 (two gradients modulo 101; the law 2a^2 − |w|^2).
    - [square_claim], [square_laws]: the same as claims of the kinds orbit-dimension and conservation-laws.
    - [square_at_rest]: at (1, 0, 0) the dimension is exactly 0: on the invariant subspace {w = 0}, a is a law of the flow.
    - [two_squares]: a1 (w1 x)^2 + a2 (w2 x)^2 at (1, 2, 3, 5): exactly 1; all gradients are multiples of one, while polynomial laws leave 2.
    - [cubic_words], [cubic_transport]: a (z + z^3), z = w x, at (1, 0), where the gradients span one dimension only: a bracket word of
      length 4, and transport along the flow of one gradient, show 2 = all parameters;
      [cubic_near]: so it is 2 at all points near (1, 0);
    - [tanh_words], [tanh_exponential]: the same for a tanh(w x), at (1, 0) and at (1, 1). *)
From Coq Require Import List ZArith QArith Reals Lia Lra Bool.
From SimCert Require Import Poly Expr Slp Checks Flow Lie Jets Words Gradient Dimension ModP Residues Numbers Series Transport SeriesRank Curve Upper Parallel Near Orbits.
Import ListNotations.
Local Open Scope positive_scope.

(** parameters a, w1, w2; inputs x1, x2; activation 1 is z^2, expanded for the laws *)
Definition square : model := {| m_nparams := 3; m_ninputs := 2; m_outs := [10]; m_par := [];
  m_prog := [NTh 1; NTh 2; NTh 3; NX 1; NX 2; NMul 2 4; NMul 3 5; NSum [6; 7]; NMul 8 8; NMul 1 9] |}.
Definition f_square (x1 x2 : Q) : qfield := {| qf_cov := [(10, 1%Q)]; qf_x := [(1, x1); (2, x2)] |}.
Definition theta : qvec := [(1, 1%Q); (2, 2%Q); (3, 3%Q)].
Definition law : poly := [([(1, 2)], 2%Q); ([(2, 2)], (-1)%Q); ([(3, 2)], (-1)%Q)].
Definition zero_act (k : positive) (d : bool) (t : R) : R := 0%R.
Lemma zero_act_adm m : m_par m = [] -> acts_adm m zero_act.
Proof.
  intros E. split; [intros k t; apply @Derive.is_derive_const|]. unfold parity_ok, par_of. rewrite E. cbn. intros. repeat split; easy.
Qed.
Definition mod101 : residues 101 := rational_residues 101 eq_refl.
Theorem square_exact : lie_dim square zero_act (qv theta) 2.
Proof.
  split.
  - apply (check_words_sound square [] 101 (rational_base 101) mod101 (rational_base_ok 101 _) theta [f_square 1 0; f_square 0 1] [[0%nat]; [1%nat]] [1; 2] 65).
    + vm_compute. reflexivity.
    + apply (zero_act_adm square eq_refl).
    + intros k cs H; discriminate.
  - apply (check_upper_sound square [] [law] theta 101 [1] 4); [vm_compute; reflexivity|]. now apply zero_act_adm.
Qed.
Theorem square_claim : claim_dimension square [] theta 2 2.
Proof.
  apply (check_dimension_sound square [] theta 2 2 (LWords 101 None [f_square 1 0; f_square 0 1] [[0%nat]; [1%nat]] [1; 2] 65) (ULaws 101 [] [law] [0%nat] [1] 4)).
  vm_compute. reflexivity.
Qed.
Theorem square_laws : claim_laws square [] theta [law] 1 (Some 2%nat).
Proof.
  apply (check_laws_sound square [] theta [law] [0%nat] 101 [1] 4 1 (Some 2%nat) (LWords 101 None [f_square 1 0; f_square 0 1] [[0%nat]; [1%nat]] [1; 2] 65)).
  vm_compute. reflexivity.
Qed.
(** on {w1 = w2 = 0} the output does not depend on a: it is a law of the flow there, though not elsewhere *)
Definition axis : list arow := [{| a_row := [(2, 1%Q)]; a_const := 0; a_piv := 2 |}; {| a_row := [(3, 1%Q)]; a_const := 0; a_piv := 3 |}].
Theorem square_at_rest : lie_dim square zero_act (qv [(1, 1%Q)]) 0.
Proof.
  split; [apply lie_ge_0|].
  apply (check_upper_sound square axis [[([(1, 1)], 1%Q)]] [(1, 1%Q)] 101 [1] 1); [vm_compute; reflexivity|]. now apply zero_act_adm.
Qed.

Definition cubic : model := {| m_nparams := 2; m_ninputs := 1; m_outs := [6]; m_par := [];
  m_prog := [NTh 1; NTh 2; NX 1; NMul 2 3; NAct 1 4; NMul 1 5] |}.
Definition cubic_member : member := [(1, KPoly [0%Q; 1%Q; 0%Q; 1%Q])].
Definition f_cubic (x : Q) : qfield := {| qf_cov := [(6, 1%Q)]; qf_x := [(1, x)] |}.
Definition start : qvec := [(1, 1%Q)].
Theorem cubic_words : lie_dim cubic (acts_of cubic_member) (qv start) 2.
Proof.
  split; [|exact (lie_le_full cubic _ _)].
  apply (check_words_sound cubic cubic_member 101 (rational_base 101) mod101 (rational_base_ok 101 _) start [f_cubic 1; f_cubic 2] [[0%nat]; [0%nat; 0%nat; 0%nat; 1%nat]] [1; 2] 72); [vm_compute;
    reflexivity|apply acts_of_ok..].
Qed.
(** theta' = X_0(theta), X_0 the gradient for x = 1: residues modulo 101 of theta_1, theta_2, theta_3 *)
Definition cubic_curve : list (list Z) := [[0; 1]; [51; 0]; [0; 18]]%Z.
Theorem cubic_transport : lie_ge cubic (acts_of cubic_member) (qv start) 2.
Proof.
  apply (transport_rank_sound cubic cubic_member 101 (rational_base 101) start [f_cubic 1; f_cubic 2] [([1%Q], 0%nat)] cubic_curve [[0%nat]; [1%nat]]
    mod101 (rational_base_ok 101 _));
    [vm_compute; reflexivity|apply acts_of_ok..].
Qed.
Corollary cubic_near : near (qv start) (fun u => lie_dim cubic (acts_of cubic_member) u 2).
Proof.
  destruct (acts_of_ok cubic_member) as [Hd Hm].
  destruct (lie_ge_near cubic (acts_of cubic_member) cubic_member Hd Hm eq_refl eq_refl (qv start) 2 cubic_transport) as (eps & He & H).
  exists eps. split; [exact He|]. intros u Hu. split; [now apply H|exact (lie_le_full cubic _ _)].
Qed.

(** a tanh(w x): at (1, 0) all derivatives are rational; at (1, 1) they are polynomials in tanh(1) and tanh(2), of which residues follow from one of e *)
Definition tanh_member : member := [(1, KFun FTanh)].
Theorem tanh_words : lie_dim cubic (acts_of tanh_member) (qv start) 2.
Proof.
  split; [|exact (lie_le_full cubic _ _)].
  apply (check_words_sound cubic tanh_member 101 (rational_base 101) mod101 (rational_base_ok 101 _) start [f_cubic 1; f_cubic 2]
    [[0%nat]; [0%nat; 0%nat; 0%nat; 1%nat]] [1; 2] 77); [vm_compute; reflexivity|apply acts_of_ok..].
Qed.
Definition base_e : Residues.bases := {| Residues.b_denominator := 1; Residues.b_real := 5; Residues.b_real' := 81; Residues.b_circular := false;
  Residues.b_imaginary := 1; Residues.b_imaginary' := 1; Residues.b_root := 0 |}.
Theorem tanh_exponential : claim_dimension cubic tanh_member [(1, 1%Q); (2, 1%Q)] 2 2.
Proof.
  apply (check_dimension_sound cubic tanh_member [(1, 1%Q); (2, 1%Q)] 2 2
    (LWords 101 (Some base_e) [f_cubic 1; f_cubic 2] [[0%nat]; [1%nat]] [1; 2] 38) UFull). vm_compute. reflexivity.
Qed.

Definition squares : model := {| m_nparams := 4; m_ninputs := 1; m_outs := [12]; m_par := [];
  m_prog := [NX 1; NTh 1; NTh 2; NMul 3 1; NMul 4 4; NMul 2 5; NTh 3; NTh 4; NMul 8 1; NMul 9 9; NMul 7 10; NSum [6; 11]] |}.
Definition f_squares : qfield := {| qf_cov := [(12, 1%Q)]; qf_x := [(1, 1%Q)] |}.
Definition theta4 : qvec := [(1, 1%Q); (2, 2%Q); (3, 3%Q); (4, 5%Q)].
Theorem two_squares : lie_dim squares zero_act (qv theta4) 1.
Proof.
  split.
  - apply (check_words_sound squares [] 101 (rational_base 101) mod101 (rational_base_ok 101 _) theta4 [f_squares] [[0%nat]] [1] 4); [vm_compute;
    reflexivity|exact (proj1 (zero_act_adm squares eq_refl))|intros k cs H; discriminate].
  - apply (check_parallel_sound squares [] 101 None theta4 f_squares 1); [vm_compute; reflexivity|now apply zero_act_adm|intros k cs H; discriminate].
Qed.
